drop table reports, comments;
