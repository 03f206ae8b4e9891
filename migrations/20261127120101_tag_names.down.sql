-- Former names have no posts; without the column they would be tags.
delete from tags where leads_to is not null;
alter table tags drop column feed_slug, drop column leads_to, drop column name_key;
comment on column tags.slug is null;
