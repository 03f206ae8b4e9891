drop index if exists comments_rendering;
