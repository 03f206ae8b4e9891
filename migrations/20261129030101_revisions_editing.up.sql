-- From which open editor a version came, so that what its script saves by itself neither piles up nor meets its own saves as
-- somebody else's.
set lock_timeout = '2s';
alter table revisions
    add column editing uuid,
    add column edit integer,
    add column autosaved_since timestamptz;
comment on column revisions.editing is 'The open editor that sent it; null: a form without scripts, an import, or an earlier release.';
comment on column revisions.edit is 'How many edits that editor had seen: of its saves the one with more is the later one, whichever arrives first.';
comment on column revisions.autosaved_since is 'It was saved by itself, and holds what was typed since then: the next such save may take its place. Null: its author saved it.';
