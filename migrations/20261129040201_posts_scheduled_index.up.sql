-- no-transaction
-- What becomes public next, and what an author has planned.
create index concurrently if not exists posts_scheduled_for on posts (scheduled_for) include (owner_id) where status = 'scheduled' and deleted_at is null;
