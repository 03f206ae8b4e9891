set lock_timeout = '2s';
drop trigger queue_author on post_authors;
