drop index if exists posts_shelf;
