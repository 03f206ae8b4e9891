-- no-transaction
-- Handles that begin with what an admin typed: in the order of bytes these stand together, in that of a language they may not.
create index concurrently if not exists users_username_bytes on users (username_key collate "C");
