drop index if exists comments_hidden_by_post;
