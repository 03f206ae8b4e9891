-- What waits is a draft again, in no list.
set lock_timeout = '2s';
update post_tags t set listed_at = null from posts p where p.id = t.post_id and p.status = 'scheduled';
update post_authors a set listed_at = null from posts p where p.id = a.post_id and p.status = 'scheduled';
update posts set status = 'draft', listed_at = null where status = 'scheduled';
alter table posts
    drop constraint posts_status_check,
    drop constraint posts_scheduled,
    drop column scheduled_for,
    drop column scheduled_date,
    add constraint posts_status_check check (status in ('draft', 'published'));
