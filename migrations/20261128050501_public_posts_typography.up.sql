-- Titles and excerpts as readers see them: no query for them has to know of typography.
set lock_timeout = '2s';
create or replace view public_posts with (security_invoker = true) as
select p.id, p.public_id, p.kind, p.owner_id, u.username as owner, u.username_key as owner_key, p.slug, p.page_path,
       post_path(p.kind, p.page_path, u.username, p.slug) as path, p.parent_id, p.menu_position, coalesce(p.typeset_title, p.title) as title,
       coalesce(p.typeset_excerpt, p.excerpt) as excerpt,
       p.description, p.language, p.canonical_url, p.cover_url, p.cover_alt, p.comment_policy, p.unlisted, p.minutes, p.words,
       p.comment_count, p.published_at, p.changed_at
from posts p left join users u on u.id = p.owner_id
where p.status = 'published' and p.deleted_at is null;
