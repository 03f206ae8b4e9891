-- Links by which people without an account read a text before it is public.
set lock_timeout = '2s';
create table preview_links (
    id         bigint generated always as identity primary key,
    public_id  uuid not null unique,
    post_id    bigint not null references posts on delete cascade,
    token_hash bytea not null unique,
    created_by bigint not null references users,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index preview_links_post on preview_links (post_id, id desc);
create index preview_links_created_by on preview_links (created_by);
comment on column preview_links.token_hash is 'SHA-256 of the token in the link, which is kept nowhere.';
