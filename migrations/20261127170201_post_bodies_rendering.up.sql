-- no-transaction
-- What an older renderer made: the job that renders it again reads this index from the newest version down.
create index concurrently if not exists post_bodies_rendering on post_bodies (renderer_version, post_id);
