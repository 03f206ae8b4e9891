-- What the front page shows, and how long posts begin.
set lock_timeout = '2s';
alter table site
    add column front text not null default 'magazine' check (front in ('magazine', 'list', 'page')),
    add column front_page_id bigint references posts on delete set null,
    add column drop_cap boolean not null default false;
comment on column site.front is 'page: the page of front_page_id, as long as readers can see it.';
comment on column site.drop_cap is 'Long posts begin with a large letter.';

create or replace view site_frame as
select json_build_object(
           'name', s.name, 'tagline', s.tagline, 'language', s.language, 'time_zone', s.time_zone, 'sign_up', s.sign_up, 'sign_up_role', s.sign_up_role,
           'comment_policy', s.comment_policy, 'typography', s.typography, 'description', s.description,
           'footer_links', s.footer_links, 'accent', s.accent, 'pictures', s.pictures, 'front', s.front,
           'front_page', case when s.front = 'page' then (select post_path('page', p.page_path, null, null) from public_posts p where p.id = s.front_page_id and p.kind = 'page') end,
           'drop_cap', s.drop_cap, 'set_up', s.set_up_at is not null,
           'menu', coalesce((select json_agg(json_build_object('title', case when p.title <> '' then p.title
                                                                    else coalesce(nullif(name_of_untitled(p.id, p.description), ''), p.page_path) end,
                                                               'path', post_path('page', p.page_path, null, null))
                                             order by p.menu_position, p.id)
                             from public_posts p
                             where p.menu_position is not null and p.kind = 'page'), '[]')) as frame
from site s;
