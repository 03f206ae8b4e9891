-- What waits is a draft again.
set lock_timeout = '2s';
update posts set status = 'draft' where status = 'scheduled';
alter table posts
    drop constraint posts_status_check,
    drop constraint posts_scheduled,
    drop column scheduled_for,
    drop column scheduled_date,
    add constraint posts_status_check check (status in ('draft', 'published'));
