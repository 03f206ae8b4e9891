-- What is out by the clock stays out, though in no list until it is saved again; what waits is a draft again.
set lock_timeout = '2s';
update posts
set status = 'published', published_at = coalesce(scheduled_date, published_at, scheduled_for), changed_at = scheduled_for
where status = 'scheduled' and scheduled_for <= now() and deleted_at is null;
update posts set status = 'draft' where status = 'scheduled';
alter table posts
    drop constraint posts_status_check,
    drop constraint posts_scheduled,
    drop column scheduled_for,
    drop column scheduled_date,
    add constraint posts_status_check check (status in ('draft', 'published'));
