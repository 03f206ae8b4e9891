-- Gives the jobs back to the tables of the releases before, which know no others. Where there are no such tables, the way back is
-- refused while a job is left: dropping it would lose a purge or a notice that was promised with a commit. Workers must be
-- stopped, as for every way back.
do $$
declare
    waiting bigint;
begin
    lock table jobs in access exclusive mode;
    select count(*) into waiting from jobs;
    if waiting = 0 then
        return;
    end if;
    if to_regclass('graphile_worker._private_jobs') is null then
        raise exception 'jobs are left (%), which the release before cannot do', waiting
            using hint = 'Let a worker finish them first; see "masthead jobs failed" for those that it has given up.';
    end if;
    insert into graphile_worker._private_tasks (identifier)
    select distinct kind from jobs
    on conflict (identifier) do nothing;
    insert into graphile_worker._private_jobs
        (task_id, payload, priority, run_at, key, attempts, max_attempts, created_at, last_error)
    select tasks.id, jobs.payload, jobs.priority, jobs.run_at, jobs.unique_key,
           -- There, a job whose attempts are used up is a dead letter; here, it may be under way for the last time.
           case when jobs.failed_at is null then least(jobs.attempts, jobs.max_attempts - 1) else jobs.max_attempts end,
           jobs.max_attempts, jobs.created_at, jobs.last_error
    from jobs join graphile_worker._private_tasks as tasks on tasks.identifier = jobs.kind
    -- Of those under one key, the one that waits has taken the place of the others.
    order by jobs.worker is null desc, jobs.id desc
    on conflict (key) do nothing;
    delete from jobs;
end $$;
drop function graphile_jobs();
drop function take_over_graphile_jobs(bigint, boolean);
