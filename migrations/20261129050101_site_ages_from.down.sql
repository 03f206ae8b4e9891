set lock_timeout = '2s';
alter table site drop column ages_from;
