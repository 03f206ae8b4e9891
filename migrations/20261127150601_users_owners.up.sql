-- no-transaction
-- The few accounts that own the site, which imports and the doctor ask for.
create index concurrently if not exists users_owners on users (id) where role = 'owner';
