delete from shared_posts;
delete from comment_queue;
