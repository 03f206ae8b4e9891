-- no-transaction
-- Former names and addresses of a tag.
create index concurrently if not exists tags_former on tags (leads_to) where leads_to is not null;
