set lock_timeout = '2s';
alter table revisions drop column label;
