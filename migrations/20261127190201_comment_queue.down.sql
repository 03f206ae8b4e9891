drop function queue_author();
drop function queue_report();
drop function queue_comment();
drop table shared_posts;
drop table comment_queue;
