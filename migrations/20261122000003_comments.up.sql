-- Threads under posts, and what readers report about them.
create table comments (
    id               bigint generated always as identity primary key,
    public_id        uuid not null unique,
    post_id          bigint not null references posts on delete cascade,
    parent_id        bigint references comments on delete cascade,
    author_id        bigint not null references users,
    depth            smallint not null check (depth between 0 and 200),
    markdown         text not null check (octet_length(markdown) <= 65536),
    html             text not null,
    renderer_version integer not null,
    state            text not null check (state in ('visible', 'held', 'hidden', 'deleted')),
    reason           text not null default '' check (char_length(reason) <= 500),
    version          integer not null default 1,
    transaction_id   uuid not null,
    created_at       timestamptz not null default now(),
    edited_at        timestamptz,
    decided_at       timestamptz,
    decided_by       bigint references users
);
comment on table comments is 'One row a comment. Deleting keeps the row as a stub so that the thread still reads.';
comment on column comments.depth is 'Distance from the top of the thread; bounds recursion and indentation.';
comment on column comments.reason is 'Why staff hid or removed it; shown to its writer.';
create index comments_thread on comments (post_id, id);
create index comments_parent on comments (parent_id) where parent_id is not null;
create index comments_author on comments (author_id, id desc);
create index comments_held on comments (id) where state = 'held';
create index comments_hidden on comments (id) where state = 'hidden';
create index comments_held_by_post on comments (post_id, id) where state = 'held';

create table reports (
    id          bigint generated always as identity primary key,
    public_id   uuid not null unique,
    comment_id  bigint not null references comments on delete cascade,
    reporter_id bigint not null references users,
    reason      text not null check (reason in ('spam', 'abuse', 'illegal', 'off_topic', 'other')),
    details     text not null default '' check (char_length(details) <= 1000),
    created_at  timestamptz not null default now(),
    resolved_at timestamptz,
    resolved_by bigint references users,
    outcome     text check (outcome in ('kept', 'hidden', 'deleted')),
    constraint reports_once unique (comment_id, reporter_id)
);
comment on table reports is 'One report a reader and comment; resolved together by the decision on the comment.';
create index reports_open on reports (comment_id) where resolved_at is null;
