drop index if exists users_owners;
