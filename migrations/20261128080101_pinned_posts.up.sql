-- Posts that stand at the top of the front page, or of the page of one of their authors.
set lock_timeout = '2s';
create table pinned_posts (
    page_of   bigint not null,
    post_id   bigint not null references posts on delete cascade,
    pinned_at timestamptz not null default now(),
    primary key (page_of, post_id)
);
create index pinned_posts_post on pinned_posts (post_id);
comment on column pinned_posts.page_of is 'The account on whose page the post is pinned; 0 is the front page.';
