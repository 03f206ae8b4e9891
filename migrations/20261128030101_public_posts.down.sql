drop view listed_posts_by_tag, listed_posts_by_author, listed_posts, public_posts;
drop function post_path;
