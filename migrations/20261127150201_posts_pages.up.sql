-- no-transaction
-- Pages of the whole site, as the dashboard lists them.
create index concurrently if not exists posts_pages on posts (saved_at desc, id desc) where kind = 'page' and deleted_at is null;
