drop table related_walk;
drop table related_posts;
