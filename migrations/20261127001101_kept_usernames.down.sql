drop view kept_usernames;
set lock_timeout = '2s';
alter table username_history drop column freed_at;
comment on table username_history is 'Handles somebody gave up: they redirect for ever and nobody else can take them.';
