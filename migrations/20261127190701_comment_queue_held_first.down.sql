create or replace function queue_comment() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op <> 'INSERT' then
        delete from comment_queue q
        where q.post_id = old.post_id and q.comment_id = old.id and (tg_op = 'DELETE' or q.kind = old.state);
    end if;
    if tg_op <> 'DELETE' and new.state in ('held', 'hidden') then
        perform from posts p where p.id = new.post_id for key share;
        insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
        select a.user_id, new.state, new.id, 0, new.post_id from post_authors a where a.post_id = new.post_id
        on conflict do nothing;
    end if;
    return null;
end $$;

create or replace function queue_report() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
    post bigint;
    writer bigint;
begin
    select c.post_id, c.author_id into post, writer from comments c where c.id = coalesce(new.comment_id, old.comment_id);
    if tg_op <> 'INSERT' then
        delete from comment_queue q where q.post_id = post and q.comment_id = old.comment_id and q.report_id = old.id;
    end if;
    if tg_op <> 'DELETE' and new.resolved_at is null then
        perform from posts p where p.id = post for key share;
        insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
        select a.user_id, 'reported', new.comment_id, new.id, post from post_authors a
        where a.post_id = post and a.user_id <> writer
        on conflict do nothing;
    end if;
    return null;
end $$;
