-- Earlier handles do not stay with an account for ever, unless links to its posts use them.
set lock_timeout = '2s';
alter table username_history add column freed_at timestamptz;
comment on column username_history.freed_at is 'An admin set it free; others may take it 90 days later, whatever its account has published.';
comment on table username_history is 'Handles that were given up. They redirect until another account takes them, which deletes the row.';

-- Every query that asks whether a handle can be taken reads this view, so that there is one rule. A public post that an
-- account owns has the handle in its address; one that it wrote with others stands on its page.
create view kept_usernames as
select h.username_key, h.username, h.user_id, h.changed_at, h.freed_at,
       case
           when h.freed_at is not null then h.freed_at + interval '90 days'
           when exists (select from posts p
                        where p.owner_id = h.user_id and p.kind = 'post' and p.status = 'published' and p.deleted_at is null)
               or exists (select from post_authors a where a.user_id = h.user_id and a.listed_at is not null)
               then null
           else h.changed_at + interval '90 days'
       end as free_at
from username_history h;
comment on column kept_usernames.free_at is 'From then on any account may take it. Null: kept for as long as its account has public posts.';
