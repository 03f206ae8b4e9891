-- no-transaction
-- What waited before there were triggers, some at a time. It is held meanwhile, so that nothing changes between being read here
-- and being written; a trigger writes what comes later, and whatever it wrote already is right.
do $$
declare
    wanted text;
    low bigint;
    high bigint;
    last_post bigint := (select max(post_id) from post_authors);
begin
    foreach wanted in array array['held', 'hidden', 'reported'] loop
        low := 0;
        loop
            if wanted = 'held' then
                select max(id) into high from (select id from comments where state = 'held' and id > low order by id limit 1000) c;
                insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
                select a.user_id, 'held', c.id, 0, c.post_id from comments c join post_authors a on a.post_id = c.post_id
                where c.state = 'held' and c.id > low and c.id <= high for share on conflict do nothing;
            elsif wanted = 'hidden' then
                select max(id) into high from (select id from comments where state = 'hidden' and id > low order by id limit 1000) c;
                insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
                select a.user_id, 'hidden', c.id, 0, c.post_id from comments c join post_authors a on a.post_id = c.post_id
                where c.state = 'hidden' and c.id > low and c.id <= high for share on conflict do nothing;
            else
                select max(comment_id) into high
                from (select comment_id from reports where resolved_at is null and comment_id > low order by comment_id limit 1000) r;
                insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
                select a.user_id, 'reported', c.id, r.id, c.post_id
                from reports r join comments c on c.id = r.comment_id join post_authors a on a.post_id = c.post_id
                where r.resolved_at is null and r.comment_id > low and r.comment_id <= high and a.user_id <> c.author_id
                for share of r, a on conflict do nothing;
            end if;
            commit;
            exit when high is null;
            low := high;
        end loop;
    end loop;
    low := 0;
    while low < last_post loop
        insert into shared_posts (user_id, post_id)
        select a.user_id, a.post_id from post_authors a join posts p on p.id = a.post_id
        where a.post_id > low and a.post_id <= low + 10000 and p.owner_id <> a.user_id for share of a on conflict do nothing;
        commit;
        low := low + 10000;
    end loop;
end $$;
