-- Comments that are visible at once, as nearly all, cost nothing.
set lock_timeout = '2s';
create trigger queue_new_comment after insert on comments
    for each row when (new.state in ('held', 'hidden')) execute function queue_comment();
create trigger queue_comment after update of state on comments
    for each row when (old.state <> new.state) execute function queue_comment();
create trigger queue_no_comment after delete on comments for each row execute function queue_comment();
