alter table posts validate constraint posts_status_check;
alter table posts validate constraint posts_scheduled;
