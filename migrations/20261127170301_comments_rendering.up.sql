-- no-transaction
-- What an older renderer made: the job that renders it again reads this index from the newest version down.
create index concurrently if not exists comments_rendering on comments (renderer_version, id);
