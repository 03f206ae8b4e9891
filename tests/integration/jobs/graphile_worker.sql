-- The tables that releases before the one with the table `jobs` keep their jobs in, as such a release makes them: a part of the
-- schema of graphile_worker (Rust, 0.14; MIT licence, https://github.com/leo91000/graphile_worker_rs).
set role masthead_owner;
create schema graphile_worker;
create table graphile_worker._private_jobs (
    id bigint primary key generated always as identity,
    job_queue_id integer,
    task_id integer not null,
    payload json default '{}'::json not null,
    priority smallint default 0 not null,
    run_at timestamptz default now() not null,
    attempts smallint default 0 not null,
    max_attempts smallint default 25 not null constraint jobs_max_attempts_check check (max_attempts >= 1),
    last_error text,
    created_at timestamptz default now() not null,
    updated_at timestamptz default now() not null,
    key text unique constraint jobs_key_check check (length(key) > 0 and length(key) <= 512),
    locked_at timestamptz,
    locked_by text,
    revision integer default 0 not null,
    flags jsonb,
    is_available boolean generated always as (locked_at is null and attempts < max_attempts) stored not null
);
create index jobs_main_index on graphile_worker._private_jobs (priority, run_at) include (id, task_id, job_queue_id)
    where is_available = true;
create table graphile_worker._private_tasks (
    id integer primary key generated always as identity,
    identifier text not null unique check (length(identifier) <= 128)
);
create table graphile_worker._private_workers (
    id text primary key,
    last_heartbeat_at timestamptz not null,
    started_at timestamptz default now() not null,
    metadata jsonb
);
create table graphile_worker._private_job_retirements (
    id bigint primary key references graphile_worker._private_jobs (id) on delete cascade
);
alter table graphile_worker._private_jobs enable row level security;
alter table graphile_worker._private_tasks enable row level security;
alter table graphile_worker._private_workers enable row level security;
insert into graphile_worker._private_tasks (identifier) values ('test.trial'), ('cdn.purge'), ('test.unknown');
reset role;
