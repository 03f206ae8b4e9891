drop index posts_trash;
