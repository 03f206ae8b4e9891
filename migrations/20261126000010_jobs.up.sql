-- Who leads, and which tick of each schedule was enqueued last. The jobs themselves are in the schema
-- graphile_worker, which its library makes (src/jobs/migrate.rs).
create table leaders (
    name  text primary key check (char_length(name) between 1 and 80),
    node  text not null check (char_length(node) between 1 and 200),
    epoch bigint not null check (epoch > 0),
    until timestamptz not null
);
comment on table leaders is 'One row a thing that only one process may do at a time. The holder also holds a session advisory lock; the row says for how long its word counts.';
comment on column leaders.epoch is 'Grows with every change of leader. What a leader writes names its epoch and is refused when this one is higher.';
comment on column leaders.until is 'End of the lease by the clock of the database. Nobody takes over before it.';

create table schedule_ticks (
    name text primary key check (char_length(name) between 1 and 80),
    tick timestamptz not null
);
comment on table schedule_ticks is 'The newest tick of each schedule that was enqueued. It moves forward in the transaction that enqueues, so that no tick runs twice, whoever thinks of himself as leader.';
