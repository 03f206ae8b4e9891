-- Sign-ins that were refused, counted: one row an account, or the client's network where no account was named, and minute.
create table sign_in_failures (
    minute         timestamptz not null,
    subject        text not null check (char_length(subject) between 1 and 100),
    user_id        bigint references users on delete cascade,
    client         text not null default '' check (char_length(client) <= 100),
    reason         text not null check (char_length(reason) <= 100),
    failures       integer not null default 1,
    correlation_id uuid not null,
    primary key (minute, subject)
);
comment on table sign_in_failures is 'Refused sign-ins by minute. What was typed as a name is kept only where an account has it: people type passwords there.';
comment on column sign_in_failures.subject is 'user:ID or net:NETWORK.';
comment on column sign_in_failures.client is 'Network of the newest of them.';
comment on column sign_in_failures.correlation_id is 'Of the first of them.';
create index sign_in_failures_user on sign_in_failures (user_id) where user_id is not null;
