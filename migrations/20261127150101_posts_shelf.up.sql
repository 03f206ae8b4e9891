-- no-transaction
-- An author's own posts, as each tab of the dashboard lists them. A query has to say the expression word for word.
create index concurrently if not exists posts_shelf on posts (
    owner_id,
    (case when deleted_at is not null then 'trash' when kind = 'page' then 'pages' when status = 'draft' then 'drafts' else 'posts' end),
    saved_at desc, id desc);
