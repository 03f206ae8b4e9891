drop index if exists posts_pages;
