-- no-transaction
-- What the job that fills keys in has left to do.
create index concurrently if not exists tags_unnamed on tags (id) where name_key is null and leads_to is null;
