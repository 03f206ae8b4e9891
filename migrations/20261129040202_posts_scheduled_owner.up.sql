-- no-transaction
-- What an account has planned, as its dashboard lists it.
create index concurrently if not exists posts_scheduled_owner on posts (owner_id, saved_at desc, id desc) where status = 'scheduled' and deleted_at is null;
