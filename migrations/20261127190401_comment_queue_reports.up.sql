set lock_timeout = '2s';
create trigger queue_new_report after insert or delete on reports for each row execute function queue_report();
create trigger queue_report after update of resolved_at on reports
    for each row when (old.resolved_at is distinct from new.resolved_at) execute function queue_report();
