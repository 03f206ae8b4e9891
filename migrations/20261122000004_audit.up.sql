-- Who did what to whom and why. The app role may insert and read, never change or delete.
create table audit_log (
    id             bigint generated always as identity,
    at             timestamptz not null default now(),
    actor_id       bigint,
    actor          text not null,
    act            text not null,
    object_kind    text not null,
    object_id      uuid,
    object         text not null default '',
    reason         text not null default '',
    before         jsonb,
    after          jsonb,
    correlation_id uuid not null,
    transaction_id uuid not null,
    primary key (at, id)
) partition by range (at);
comment on table audit_log is 'Append-only record of privileged and business acts. Partitioned by year so that old years can be archived whole.';
comment on column audit_log.actor is 'Name at the time of the act, readable after the account is gone. "system" where nobody acted.';
comment on column audit_log.object_id is 'Public id of what was acted upon.';
do $$
begin
    for year in 2026..2040 loop
        execute format('create table audit_log_%s partition of audit_log for values from (%L) to (%L)',
                       year, make_date(year, 1, 1), make_date(year + 1, 1, 1));
    end loop;
end $$;
create table audit_log_other partition of audit_log default;
create index audit_log_transaction on audit_log (transaction_id);
create index audit_log_correlation on audit_log (correlation_id);
create index audit_log_object on audit_log (object_id, at desc);
