set lock_timeout = '2s';
create or replace view site_frame as
select json_build_object(
           'name', s.name, 'tagline', s.tagline, 'language', s.language, 'sign_up', s.sign_up, 'sign_up_role', s.sign_up_role,
           'comment_policy', s.comment_policy, 'set_up', s.set_up_at is not null,
           'menu', coalesce((select json_agg(json_build_object('title', p.title, 'path', '/' || p.page_path)
                                             order by p.menu_position, p.id)
                             from posts p
                             where p.menu_position is not null and p.kind = 'page' and p.status = 'published'
                               and p.deleted_at is null), '[]')) as frame
from site s;
