set lock_timeout = '2s';
alter table posts reset (fillfactor);
