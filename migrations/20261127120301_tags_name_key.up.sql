-- no-transaction
-- One tag for one name.
create unique index concurrently if not exists tags_name_key on tags (name_key);
