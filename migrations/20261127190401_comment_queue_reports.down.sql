set lock_timeout = '2s';
drop trigger queue_report on reports;
drop trigger queue_new_report on reports;
