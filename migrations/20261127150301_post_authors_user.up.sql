-- no-transaction
-- What a person wrote, drafts too: the other index of this table has only what is listed. With the post, so that the index
-- alone answers which posts those are.
create index concurrently if not exists post_authors_user on post_authors (user_id, post_id);
