-- A scheduled post is public from its time on, whether or not a job has come by: every query asks these views.
set lock_timeout = '2s';
create or replace view public_posts with (security_invoker = true) as
select p.id, p.public_id, p.kind, p.owner_id, u.username as owner, u.username_key as owner_key, p.slug, p.page_path,
       post_path(p.kind, p.page_path, u.username, p.slug) as path, p.parent_id, p.menu_position, coalesce(p.typeset_title, p.title) as title,
       coalesce(p.typeset_excerpt, p.excerpt) as excerpt,
       p.description, p.language, p.canonical_url, p.cover_url, p.cover_alt, p.comment_policy, p.unlisted, p.minutes, p.words,
       p.comment_count,
       case when p.status = 'scheduled' then coalesce(p.scheduled_date, p.published_at, p.scheduled_for) else p.published_at end as published_at,
       case when p.status = 'scheduled' then p.scheduled_for else p.changed_at end as changed_at
from posts p left join users u on u.id = p.owner_id
where (p.status = 'published' or (p.status = 'scheduled' and p.scheduled_for <= now())) and p.deleted_at is null;
-- In the lists, too, without being written there: earlier releases read the columns of the tables, and must not show it early. There
-- are hardly ever any, since a job notes them soon after.
create or replace view listed_posts with (security_invoker = true) as
select id, listed_at from posts where listed_at is not null
union all
select p.id, coalesce(p.scheduled_date, p.published_at, p.scheduled_for)
from posts p where p.status = 'scheduled' and p.scheduled_for <= now() and p.deleted_at is null and p.kind = 'post' and not p.unlisted and p.listed_at is null;
create or replace view listed_posts_by_author with (security_invoker = true) as
select user_id, post_id, listed_at from post_authors where listed_at is not null
union all
select a.user_id, a.post_id, coalesce(p.scheduled_date, p.published_at, p.scheduled_for)
from posts p join post_authors a on a.post_id = p.id where p.status = 'scheduled' and p.scheduled_for <= now() and p.deleted_at is null and p.kind = 'post' and not p.unlisted and p.listed_at is null;
-- For queries that go through all authors in the order of their keys, which a union has no index for.
create view listed_posts_by_author_noted with (security_invoker = true) as
select user_id, post_id, listed_at from post_authors where listed_at is not null;
comment on view listed_posts_by_author_noted is 'As listed_posts_by_author, without posts whose time has come and was not noted yet.';
create or replace view listed_posts_by_tag with (security_invoker = true) as
select tag_id, post_id, listed_at from post_tags where listed_at is not null
union all
select t.tag_id, t.post_id, coalesce(p.scheduled_date, p.published_at, p.scheduled_for)
from posts p join post_tags t on t.post_id = p.id where p.status = 'scheduled' and p.scheduled_for <= now() and p.deleted_at is null and p.kind = 'post' and not p.unlisted and p.listed_at is null;

create view listed_posts_by_tag_noted with (security_invoker = true) as
select tag_id, post_id, listed_at from post_tags where listed_at is not null;
comment on view listed_posts_by_tag_noted is 'As listed_posts_by_tag, without posts whose time has come and was not noted yet.';

-- Pages know by it until when they are right.
create or replace view site_frame as
select json_build_object(
           'name', s.name, 'tagline', s.tagline, 'language', s.language, 'time_zone', s.time_zone, 'sign_up', s.sign_up, 'sign_up_role', s.sign_up_role,
           'comment_policy', s.comment_policy, 'typography', s.typography, 'description', s.description,
           'footer_links', s.footer_links, 'accent', s.accent, 'pictures', s.pictures, 'front', s.front,
           'front_page', case when s.front = 'page' then (select post_path('page', p.page_path, null, null) from public_posts p where p.id = s.front_page_id and p.kind = 'page') end,
           'drop_cap', s.drop_cap,
           'next_publication', (select min(n.scheduled_for) from posts n where n.status = 'scheduled' and n.deleted_at is null and n.scheduled_for > now()),
           'set_up', s.set_up_at is not null,
           'menu', coalesce((select json_agg(json_build_object('title', case when p.title <> '' then p.title
                                                                    else coalesce(nullif(name_of_untitled(p.id, p.description), ''), p.page_path) end,
                                                               'path', post_path('page', p.page_path, null, null))
                                             order by p.menu_position, p.id)
                             from public_posts p
                             where p.menu_position is not null and p.kind = 'page'), '[]')) as frame
from site s;
