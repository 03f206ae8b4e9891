drop index if exists comments_approved;
