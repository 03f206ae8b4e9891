-- no-transaction
-- What lies in the trash, the oldest first.
create index concurrently if not exists posts_trash on posts (deleted_at) where deleted_at is not null;
