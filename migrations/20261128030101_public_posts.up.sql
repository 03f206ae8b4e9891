-- What readers may get, for every query that answers them. A further condition (a date to come, members only, a suspended
-- author) is one more line here, and no page can miss it.

create function post_path(kind text, page_path text, username text, slug text) returns text
    language sql immutable parallel safe
    return case when kind = 'page' then '/' || page_path else '/@' || username || '/' || slug end;
comment on function post_path is 'Where readers find a post or page. One expression, so that queries take it in as if it stood in them; posts::post_path is the same in the program.';

-- The owner is joined from the left, though every post has one: where a query asks for nothing of the owner, the planner leaves
-- the join out. As with the tables, the rights are those of the role that asks.
create view public_posts with (security_invoker = true) as
select p.id, p.public_id, p.kind, p.owner_id, u.username as owner, u.username_key as owner_key, p.slug, p.page_path,
       post_path(p.kind, p.page_path, u.username, p.slug) as path, p.parent_id, p.menu_position, p.title, p.excerpt,
       p.description, p.language, p.canonical_url, p.cover_url, p.cover_alt, p.comment_policy, p.unlisted, p.minutes, p.words,
       p.comment_count, p.published_at, p.changed_at
from posts p left join users u on u.id = p.owner_id
where p.status = 'published' and p.deleted_at is null;
comment on view public_posts is 'Posts and pages that readers may get by their address, listed or not.';

-- Lists walk an index of `listed_at`, which saves keep, and join `public_posts` for what they show.
create view listed_posts with (security_invoker = true) as
select id, listed_at from posts where listed_at is not null;
comment on view listed_posts is 'Posts in the lists of the whole site.';

create view listed_posts_by_author with (security_invoker = true) as
select user_id, post_id, listed_at from post_authors where listed_at is not null;
comment on view listed_posts_by_author is 'Posts in the lists of each of their authors.';

create view listed_posts_by_tag with (security_invoker = true) as
select tag_id, post_id, listed_at from post_tags where listed_at is not null;
comment on view listed_posts_by_tag is 'Posts in the lists of each of their tags.';
