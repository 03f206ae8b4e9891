set lock_timeout = '2s';
create trigger queue_author after insert or delete on post_authors for each row execute function queue_author();
