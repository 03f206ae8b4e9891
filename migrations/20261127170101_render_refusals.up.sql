-- Texts that a newer renderer refuses: they keep the HTML that they have, and `masthead doctor` names them.
set lock_timeout = '2s';
create table render_refusals (
    id               bigint generated always as identity primary key,
    post_id          bigint references posts on delete cascade,
    comment_id       bigint references comments on delete cascade,
    renderer_version integer not null,
    source           text not null check (char_length(source) = 32),
    reason           text not null check (char_length(reason) between 1 and 500),
    refused_at       timestamptz not null default now(),
    check (num_nonnulls(post_id, comment_id) = 1)
);
comment on table render_refusals is 'Texts whose HTML is of an older renderer because a newer one refused them: one row a post, page or comment.';
comment on column render_refusals.source is 'MD5 of the Markdown that was refused: once the text is another one, the row says nothing.';
create unique index render_refusals_post on render_refusals (post_id) where post_id is not null;
create unique index render_refusals_comment on render_refusals (comment_id) where comment_id is not null;
comment on column post_bodies.renderer_version is 'The renderer that made the HTML, or that refused to and left it as it was.';
comment on column comments.renderer_version is 'The renderer that made the HTML, or that refused to and left it as it was.';
