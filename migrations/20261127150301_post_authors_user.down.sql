drop index if exists post_authors_user;
