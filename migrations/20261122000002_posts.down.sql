drop table post_tags, tags, redirects, slug_history, revisions, post_authors, post_bodies, posts;
