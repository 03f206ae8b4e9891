-- Releases before this one keep their jobs in the schema graphile_worker, which a library made there; a site that began with
-- this release has no such schema. While releases serve side by side, a node of the old one goes on enqueueing there and, with
-- its own worker, doing what it finds. What it will not do any more is moved to `jobs`: here, and by every worker once a second.
--
-- `security definer`: the schema belongs to the role that migrates, and the serving role may be another one than at that time.

-- Moves in one transaction, each row once, however many call it; all, where no number is given. A job that a living worker of the old release holds is left
-- to it, and so is for ten seconds what such a worker will take within half a second: the purges of a take-down are counted by
-- the node that told its author about them. A worker that was not heard of for a minute is dead; what it held has lost an
-- attempt. `abandoned` is for the copy of a database, whose workers are elsewhere.
create function take_over_graphile_jobs(at_most bigint default null, abandoned boolean default false) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    moved bigint;
begin
    if to_regclass('graphile_worker._private_workers') is null then
        return 0;
    end if;
    with living as materialized (
        select workers.id from graphile_worker._private_workers as workers
        where workers.last_heartbeat_at > clock_timestamp() - interval '60 seconds'),
    left_over as (
        select old.id from graphile_worker._private_jobs as old
        where case
            when abandoned then true
            when old.locked_at is not null then
                old.locked_at < clock_timestamp() - interval '60 seconds'
                and not exists (select from living where living.id = old.locked_by)
            when old.attempts >= old.max_attempts then true
            else old.run_at < clock_timestamp() - interval '10 seconds' or not exists (select from living)
        end
        order by old.id limit at_most
        for update of old skip locked),
    taken as (
        delete from graphile_worker._private_jobs as old using left_over
        where old.id = left_over.id
        returning old.*),
    added as (
        insert into public.jobs (kind, payload, priority, run_at, unique_key, attempts, max_attempts, created_at, last_error, failed_at)
        select tasks.identifier, taken.payload, taken.priority, taken.run_at,
               case when taken.attempts < taken.max_attempts then taken.key end,
               taken.attempts, taken.max_attempts, taken.created_at,
               -- It was stored as Rust prints it for debugging.
               replace(replace(regexp_replace(taken.last_error, '^TaskError\("(.*)"\)$', '\1'), '\"', '"'), '\n', chr(10)),
               case when taken.attempts >= taken.max_attempts then taken.updated_at end
        from taken join graphile_worker._private_tasks as tasks on tasks.id = taken.task_id
        order by taken.id
        -- One that waits is enough.
        on conflict (kind, unique_key) where unique_key is not null and worker is null and failed_at is null do nothing)
    select count(*) into moved from taken;
    return moved;
end $$;
comment on function take_over_graphile_jobs is 'Moves to jobs what no worker of an earlier release will do; gives how many.';

-- Jobs that are still there, for what counts a job wherever it lies.
create function graphile_jobs() returns table (kind text, payload json, attempts smallint, run_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    if to_regclass('graphile_worker._private_jobs') is not null then
        return query
            select tasks.identifier, old.payload, old.attempts, old.run_at
            from graphile_worker._private_jobs as old join graphile_worker._private_tasks as tasks on tasks.id = old.task_id;
    end if;
end $$;
comment on function graphile_jobs is 'Jobs in the tables of earlier releases; none where there are no such tables.';

select take_over_graphile_jobs();
