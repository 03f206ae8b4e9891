-- Comments and suggested edits that people without an account leave on a text by a preview link. A note belongs to its link, and by that
-- to the post: it is deleted with either.
set lock_timeout = '2s';
create table guest_notes (
    id             bigint generated always as identity primary key,
    public_id      uuid not null unique,
    link_id        bigint not null references preview_links on delete cascade,
    created_at     timestamptz not null default now(),
    name           text not null check (char_length(name) <= 40),
    comment        text not null check (char_length(comment) <= 2000),
    suggestion     text check (char_length(suggestion) <= 2000),
    paragraph      text not null check (char_length(paragraph) <= 4000),
    paragraph_hash bytea not null check (octet_length(paragraph_hash) = 16),
    before_hash    bytea check (octet_length(before_hash) = 16),
    after_hash     bytea check (octet_length(after_hash) = 16),
    position       integer not null check (position >= 0),
    state          text not null default 'pending' check (state in ('pending', 'accepted', 'dismissed')),
    version        integer check (version > 0),
    decided_at     timestamptz,
    decided_by     bigint references users on delete set null,
    check (comment <> '' or suggestion is not null),
    check ((state = 'pending') = (decided_at is null))
);
create index guest_notes_link on guest_notes (link_id, id);
create index guest_notes_decided_by on guest_notes (decided_by) where decided_by is not null;
comment on column guest_notes.suggestion is 'The whole paragraph as the guest would have it; null where only a comment was left.';
comment on column guest_notes.paragraph is 'The source of the paragraph that the note was made on, of a long one its beginning; the hash is of the whole.';
comment on column guest_notes.before_hash is 'Of the paragraph before it, null where it was the first: together they find it again in a text that was edited.';
comment on column guest_notes.version is 'Where the suggestion was accepted: the version of the text that has it.';
