set lock_timeout = '2s';
alter table posts drop column is_template;
