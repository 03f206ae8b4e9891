-- What waits for the authors of a post, and which posts are of others, by the account that asks: their pages read neither all
-- that waits on the site nor all posts of an account. Triggers keep both, so that it makes no difference which release writes.
set lock_timeout = '2s';
create table comment_queue (
    user_id bigint not null,
    kind text not null check (kind in ('held', 'hidden', 'reported')),
    comment_id bigint not null,
    report_id bigint not null,
    post_id bigint not null,
    primary key (user_id, kind, comment_id, report_id) include (post_id)
);
create index comment_queue_post on comment_queue (post_id, comment_id);
comment on table comment_queue is
    'Held, hidden and reported comments, once for each author of their post; kept by triggers alone. Reports about comments of an author wait for the others.';
comment on column comment_queue.report_id is 'The open report. 0: the comment is held or hidden.';

create table shared_posts (
    user_id bigint not null,
    post_id bigint not null,
    primary key (user_id, post_id)
);
comment on table shared_posts is 'Rows of post_authors whose account is not the owner of the post; kept by triggers alone.';

-- They act as the role that migrates: a node of the release before serves before the new tables are granted to its role.
-- Each holds the post against a change of its authors at the same moment, which holds it, too.
create function queue_comment() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
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

create function queue_report() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
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

create function queue_author() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        delete from shared_posts s where s.user_id = old.user_id and s.post_id = old.post_id;
        delete from comment_queue q where q.post_id = old.post_id and q.user_id = old.user_id;
        return null;
    end if;
    insert into shared_posts (user_id, post_id)
    select new.user_id, p.id from posts p where p.id = new.post_id and p.owner_id <> new.user_id
    on conflict do nothing;
    if exists (select from comments c where c.post_id = new.post_id) then
        insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
        select new.user_id, c.state, c.id, 0, c.post_id from comments c
        where c.post_id = new.post_id and c.state in ('held', 'hidden')
        union all
        select new.user_id, 'reported', c.id, r.id, c.post_id from comments c join reports r on r.comment_id = c.id
        where c.post_id = new.post_id and r.resolved_at is null and c.author_id <> new.user_id
        on conflict do nothing;
    end if;
    return null;
end $$;
