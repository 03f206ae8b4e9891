set lock_timeout = '2s';
drop table render_attempts;
