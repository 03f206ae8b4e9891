alter table reports drop column version;
drop table comment_revisions;
