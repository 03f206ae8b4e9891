-- The queue of background jobs. A row is added in the transaction that causes the job (a transactional outbox), claimed with
-- `for update skip locked`, and deleted when it is done: the table is short, however much is done. What failed for good stays,
-- as a dead letter, until an operator lets it begin again.
--
-- Rows are short-lived and change often, so the table is vacuumed after a thousand of them instead of a fifth of the table, and
-- pages keep room for the next version of a row. The time of a lease is in no index: a heartbeat changes no index either.
create table jobs (
    id           bigint generated always as identity primary key,
    kind         text not null check (char_length(kind) between 1 and 128),
    payload      json not null,
    priority     smallint not null default 0,
    run_at       timestamptz not null,
    unique_key   text check (char_length(unique_key) between 1 and 512),
    attempts     smallint not null default 0 check (attempts >= 0),
    max_attempts smallint not null check (max_attempts > 0),
    created_at   timestamptz not null default clock_timestamp(),
    worker       uuid,
    leased_until timestamptz,
    last_error   text,
    failed_at    timestamptz,
    constraint jobs_lease check ((worker is null) = (leased_until is null)),
    constraint jobs_failed_unleased check (failed_at is null or worker is null)
) with (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000
);
comment on table jobs is 'Background jobs that wait, are being done, or failed for good. A waiting job has neither worker nor failed_at.';
comment on column jobs.kind is 'JobSpec::name of the code. A kind that no process knows waits for one that does.';
comment on column jobs.priority is 'Within a kind, the lowest number comes first.';
comment on column jobs.run_at is 'Not before this time; after a failed attempt, the time of the next one.';
comment on column jobs.unique_key is 'Of one kind, at most one job with a key waits.';
comment on column jobs.attempts is 'Attempts that were begun. One that ended with its process counts.';
comment on column jobs.worker is 'The process that holds the lease.';
comment on column jobs.leased_until is 'The holder renews it while it lives; afterwards the job comes back.';
comment on column jobs.failed_at is 'Set when the last attempt failed: the job is a dead letter.';

-- Claims, and the oldest job that waits.
create index jobs_waiting on jobs (kind, priority, run_at) where worker is null and failed_at is null;
create unique index jobs_unique_key on jobs (kind, unique_key)
    where unique_key is not null and worker is null and failed_at is null;
-- Leases that ran out.
create index jobs_leased on jobs (kind) where worker is not null;
create index jobs_failed on jobs (id) where failed_at is not null;
-- What the CDN has not confirmed of a take-down: an author waits for the answer.
create index jobs_transaction on jobs ((payload ->> 'transaction_id')) where payload ->> 'transaction_id' is not null;
