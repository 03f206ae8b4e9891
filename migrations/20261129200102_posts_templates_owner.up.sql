-- no-transaction
-- The templates of an account, as its dashboard lists them.
create index concurrently if not exists posts_templates_owner on posts (owner_id, saved_at desc, id desc) where is_template;
