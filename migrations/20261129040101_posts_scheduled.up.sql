-- Posts that become public at a time to come. A release that does not know of them takes them for drafts.
set lock_timeout = '2s';
alter table posts
    drop constraint posts_status_check,
    add constraint posts_status_check check (status in ('draft', 'published', 'scheduled')) not valid,
    add column scheduled_for timestamptz,
    add column scheduled_date timestamptz,
    add constraint posts_scheduled check (status <> 'scheduled' or scheduled_for is not null) not valid;
comment on column posts.scheduled_for is 'When readers see it, by the clock of the database; of scheduled posts only. Until a job has noted that it came, the status stays.';
comment on column posts.scheduled_date is 'The date that it has then, where its author gave it one. Null: when it was public first, else scheduled_for.';
