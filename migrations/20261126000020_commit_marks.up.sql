-- A transaction that writes leaves its mark, so that its fate can be found out when the answer to COMMIT is lost.
create table commit_marks (
    id uuid primary key,
    at timestamptz not null default now()
);
comment on table commit_marks is 'One row for each transaction that wrote something, for a day: there if and only if it was committed.';
create index commit_marks_at on commit_marks (at);
