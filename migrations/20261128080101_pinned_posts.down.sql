drop table pinned_posts;
