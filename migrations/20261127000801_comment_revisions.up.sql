-- What a comment said before its author changed or deleted it, for as long as a report or a decision may be about that.
set lock_timeout = '2s';
create table comment_revisions (
    comment_id  bigint not null references comments on delete cascade,
    version     integer not null,
    author      text not null,
    author_name text not null,
    html        text not null,
    kept_at     timestamptz not null default now(),
    primary key (comment_id, version)
);
comment on table comment_revisions is 'A comment as it was read at a version: kept with a report until that is settled, and for a day when its author changes it.';
comment on column comment_revisions.author is 'Handle at that time: it may be what the report is about.';
create index comment_revisions_kept_at on comment_revisions (kept_at);
alter table reports add column version integer;
comment on column reports.version is 'Version of the comment that was reported, a row of comment_revisions. Null: the report is older than that table.';
