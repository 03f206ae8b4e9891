-- no-transaction
-- Whether readers see a comment of a writer that somebody else has approved: asked with each comment where the first one is
-- held, and without an index a walk over all comments of that writer.
create index concurrently if not exists comments_approved on comments (author_id) where state = 'visible' and decided_by <> author_id;
