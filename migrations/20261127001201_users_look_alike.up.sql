-- no-transaction
-- Handles that readers could take for one that is claimed: i and l are drawn alike where they are capitals.
create index concurrently if not exists users_look_alike on users (translate(username_key, 'i', 'l'));
