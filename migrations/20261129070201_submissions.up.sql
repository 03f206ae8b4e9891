-- What was submitted for review, and what came of it. A post is in review while a row of it has not ended, is not in the trash and readers
-- do not have that version yet: its status is that of a draft, or of a public post whose newest version waits.
set lock_timeout = '2s';
create table submissions (
    id           bigint generated always as identity primary key,
    post_id      bigint not null references posts on delete cascade,
    version      integer not null,
    submitted_by bigint references users on delete set null,
    submitted_at timestamptz not null default now(),
    note         text not null default '' check (char_length(note) <= 1000),
    ended_at     timestamptz,
    ended_by     bigint references users on delete set null,
    outcome      text check (outcome in ('published', 'returned', 'withdrawn')),
    reply        text not null default '' check (char_length(reply) <= 2000),
    constraint submissions_ended check ((ended_at is null) = (outcome is null))
);
create unique index submissions_open on submissions (post_id) where ended_at is null;
create index submissions_post on submissions (post_id, id desc);
create index submissions_submitted_by on submissions (submitted_by);
create index submissions_ended_by on submissions (ended_by);
comment on table submissions is 'A node of the release before publishes without ending them: one whose version readers have counts as ended.';
comment on column submissions.note is 'To the editor.';
comment on column submissions.reply is 'Of the editor that sent it back.';
