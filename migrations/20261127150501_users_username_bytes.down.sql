drop index if exists users_username_bytes;
