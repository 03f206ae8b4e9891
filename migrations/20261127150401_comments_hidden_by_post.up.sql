-- no-transaction
-- Hidden comments under the posts of one author, as comments_held_by_post has the held ones.
create index concurrently if not exists comments_hidden_by_post on comments (post_id, id) where state = 'hidden';
