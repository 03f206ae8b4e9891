-- Who is named as author of a post by somebody else, and has not said yes. The names that readers see are in post_authors
-- alone, so that nothing that reads that table (an older version, too) can show one that was never accepted.
set lock_timeout = '2s';
create table byline_requests (
    post_id     bigint not null references posts on delete cascade,
    user_id     bigint not null references users on delete cascade,
    position    smallint not null,
    asked_by    bigint not null references users on delete cascade,
    asked_at    timestamptz not null default now(),
    declined_at timestamptz,
    primary key (post_id, user_id)
);
comment on column byline_requests.position is 'Where the name will stand among the authors.';
comment on column byline_requests.declined_at is 'Said no, or took the name off again; kept while the author goes on naming this person, who is not asked again meanwhile.';
create index byline_requests_open on byline_requests (user_id, asked_at) where declined_at is null;
create index byline_requests_asked_by on byline_requests (asked_by);
