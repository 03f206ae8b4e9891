-- Logo, icon and social image of the site. Their files stand in assets, where nodes of every version find them.
set lock_timeout = '2s';
alter table site add column pictures jsonb not null default '{}'
    check (jsonb_typeof(pictures) = 'object' and octet_length(pictures::text) <= 4000);
comment on column site.pictures is 'By kind (logo, icon, social) an array of objects with name, width and height of a file.';
comment on column assets.last_used_at is 'What was not used for thirty days is forgotten. Files of the site, whose names begin with site-, have infinity here until they are taken down.';

create or replace view site_frame as
select json_build_object(
           'name', s.name, 'tagline', s.tagline, 'language', s.language, 'sign_up', s.sign_up, 'sign_up_role', s.sign_up_role,
           'comment_policy', s.comment_policy, 'typography', s.typography, 'description', s.description,
           'footer_links', s.footer_links, 'accent', s.accent, 'pictures', s.pictures, 'set_up', s.set_up_at is not null,
           'menu', coalesce((select json_agg(json_build_object('title', case when p.title <> '' then p.title
                                                                    else coalesce(nullif(name_of_untitled(p.id, p.description), ''), p.page_path) end,
                                                               'path', post_path('page', p.page_path, null, null))
                                             order by p.menu_position, p.id)
                             from public_posts p
                             where p.menu_position is not null and p.kind = 'page'), '[]')) as frame
from site s;
