set lock_timeout = '2s';
drop trigger queue_no_comment on comments;
drop trigger queue_comment on comments;
drop trigger queue_new_comment on comments;
