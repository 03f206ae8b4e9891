-- Where a post stands between its author and the editors: how it was submitted last, unless readers have that version or one since. A
-- release without reviews publishes without ending them.
create view standing_submissions as
select s.post_id, s.version, s.version < p.version as is_changed, s.submitted_at, s.note, s.ended_at, s.outcome, s.reply,
       (select username from users where id = s.submitted_by) as submitted_by,
       (select username from users where id = s.ended_by) as ended_by
from (select distinct on (post_id) * from submissions order by post_id, id desc) s
     join posts p on p.id = s.post_id left join post_bodies b on b.post_id = s.post_id
where (p.status = 'draft' or s.version > coalesce(b.revision_number, 0))
  and (s.ended_at is null or s.outcome = 'returned' and s.ended_at >= coalesce(p.changed_at, s.ended_at));
