-- Fills a site that holds the sample content: :post_count posts by :author_count authors, :comment_count comments, and what goes with them.
-- As a superuser, for psql. Nothing is left to chance, so that two runs make the same site: what looks drawn is made of the number
-- of the row. Author number 1 owns about 1 / cbrt(:author_count) of the posts, the last ones a few each.
\set ON_ERROR_STOP on
begin;
-- Half of the time would go into asking whether rows exist that were written a moment before.
set local session_replication_role = replica;
set local synchronous_commit = off;
set local work_mem = '256MB';
set local maintenance_work_mem = '512MB';

-- An id as the program makes them: the time in front, so that rows made one after the other lie beside each other.
create function pg_temp.public_id(at timestamptz, seed text) returns uuid language sql immutable parallel safe as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(seed), 1, 3)
            || '8' || substr(md5(seed), 4, 15))::uuid
$$;
-- A number between 0 and 1 that looks drawn.
create function pg_temp.drawn(seed bigint) returns double precision language sql immutable parallel safe as $$
    select (hashint8extended(seed, 7) & 1073741823) / 1073741824.0
$$;
-- Letters that no fold changes, so that a handle is its own key.
create function pg_temp.handle(n bigint) returns text language sql immutable parallel safe as $$
    select 'by-' || translate(n::text, '0123456789', 'abcdefghkp')
$$;

create temp table base on commit drop as
    select (select coalesce(max(id), 0) from users) as users, (select coalesce(max(id), 0) from posts) as posts,
           (select coalesce(max(id), 0) from comments) as comments, (select coalesce(max(id), 0) from tags) as tags,
           greatest(20, :post_count / 500) as new_tags, (select min(listed_at) from posts) as newest;

-- People
insert into users (id, public_id, username, username_key, name, role, created_at) overriding system value
    select base.users + n, pg_temp.public_id(base.newest - (:author_count - n + 1) * interval '1 minute', 'user' || n),
           pg_temp.handle(n), pg_temp.handle(n), 'Author ' || n, 'author', base.newest - (:author_count - n + 1) * interval '1 minute'
    from generate_series(1::bigint, :author_count) n, base;
insert into user_profiles (user_id, email, email_key, bio)
    select base.users + n, 'a' || n || '@example.org', 'a' || n || '@example.org', 'Writes about number ' || n || '.'
    from generate_series(1::bigint, :author_count) n, base;
insert into username_history (username_key, username, user_id, changed_at)
    select 'ex-' || pg_temp.handle(n), 'ex-' || pg_temp.handle(n), base.users + n, base.newest
    from generate_series(1::bigint, :author_count, 50) n, base;
insert into sessions (public_id, token_hash, user_id, user_agent, expires_at)
    select pg_temp.public_id(now(), 'session' || n), sha256(int8send(n)), base.users + n, 'Browser', now() + interval '90 days'
    from generate_series(1::bigint, :author_count) n, base;

-- Tags
insert into tags (id, slug, name) overriding system value
    select base.tags + n, 'subject-' || n, 'Subject ' || n from base, generate_series(1, base.new_tags) n;

-- Posts: of a hundred, four are drafts, one is unlisted, one in the trash. Number 1 is the oldest.
create temp table sample on commit drop as
    select p.excerpt, p.description, p.language, p.minutes, p.words, b.html, b.renderer_version, row_number() over (order by p.id) - 1 as place
    from posts p join post_bodies b on b.post_id = p.id
    where p.import_key like 'demo:posts/%' and p.listed_at is not null and octet_length(b.html) between 2000 and :most_bytes;
create temp table made on commit drop as
    select n, base.posts + n as id, base.users + 1 + floor(:author_count * pg_temp.drawn(n) ^ 3)::bigint as owner_id,
           base.newest - (:post_count - n + 1) * interval '1 minute' as at,
           n % 100 not in (1, 2, 3, 4, 5, 6) as listed, n % 100 in (1, 2, 3, 4) as draft, n % 100 = 6 as trashed,
           n % (select count(*) from sample) as sample
    from generate_series(1::bigint, :post_count) n, base;
-- The comment n stands under the post n mod :post_count, and answers the one before it there every other time.
create temp table tally on commit drop as
    select 1 + (n - 1) % :post_count as n, count(*) as visible
    from generate_series(1::bigint, :comment_count) n where n % 200 not in (1, 2, 3) group by 1;
insert into posts (id, public_id, kind, owner_id, title, slug, excerpt, description, language, status, unlisted, minutes, words,
                   comment_count, version, created_at, saved_at, published_at, changed_at, listed_at, deleted_at, import_key)
    overriding system value
    select m.id, pg_temp.public_id(m.at, 'post' || m.n), 'post', m.owner_id, 'Post number ' || m.n, 'post-' || m.n, s.excerpt,
           s.description, s.language, case when m.draft then 'draft' else 'published' end, m.n % 100 = 5, s.minutes, s.words,
           coalesce(t.visible, 0), 1, m.at, m.at, case when not m.draft then m.at end, case when not m.draft then m.at end,
           case when m.listed then m.at end, case when m.trashed then m.at end, case when m.n % 10 = 0 then 'old:posts/' || m.n end
    from made m join sample s on s.place = m.sample left join tally t on t.n = m.n order by m.n;
insert into post_bodies (post_id, markdown, html, text, renderer_version, revision_number)
    select m.id, 'Text.', s.html, '', s.renderer_version, 1 from made m join sample s on s.place = m.sample order by m.n;
insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, saved_at, published, transaction_id, correlation_id)
    select pg_temp.public_id(m.at, 'revision' || m.n), m.id, 1, 'Post number ' || m.n, 'Text.', '{"authors": []}', m.owner_id, m.at,
           not m.draft, pg_temp.public_id(m.at, 'transaction' || m.n), pg_temp.public_id(m.at, 'correlation' || m.n)
    from made m order by m.n;
insert into post_authors (post_id, user_id, position, listed_at)
    select id, owner_id, 0, case when listed then at end from made
    union all
    select id, base.users + 1 + (owner_id - base.users + n) % :author_count, 1, case when listed then at end
    from made, base where n % 10 = 7 and (owner_id - base.users + n) % :author_count <> owner_id - base.users - 1;
insert into byline_requests (post_id, user_id, position, asked_by)
    select id, base.users + 1 + (owner_id - base.users + n) % :author_count, 1, owner_id from made, base
    where n % 200 = 9 and (owner_id - base.users + n) % :author_count <> owner_id - base.users - 1;
-- Few subjects have most posts, as everywhere.
insert into post_tags (post_id, tag_id, position, listed_at)
    select m.id, base.tags + 1 + floor(base.new_tags * pg_temp.drawn(m.n * 3 + place) ^ 3)::bigint, place, case when m.listed then m.at end
    from made m, base, generate_series(0, 2) place where place < 2 or m.n % 2 = 0
    on conflict do nothing;
update tags t set post_count = c.listed
    from (select tag_id, count(*) as listed from post_tags where listed_at is not null group by tag_id) c where c.tag_id = t.id;
insert into slug_history (owner_id, slug, post_id)
    select owner_id, 'once-' || n, id from made where n % 50 = 10;
insert into redirects (path, post_id) select '/old/' || n || '.html', id from made where n % 10 = 0;
insert into import_sources (name, key_prefix, root) values ('old', 'old:', '/old');
insert into import_documents (import_key, source_id, post_id, fingerprint, version, visibility)
    select 'old:posts/' || n, (select id from import_sources where name = 'old'), id, sha256(int8send(n)), 1, 'public'
    from made where n % 10 = 0;
insert into audit_log (at, actor_id, actor, act, object_kind, object_id, object, correlation_id, transaction_id)
    select m.at, m.owner_id, u.username, 'post.publish', 'post', pg_temp.public_id(m.at, 'post' || m.n), 'post-' || m.n,
           pg_temp.public_id(m.at, 'correlation' || m.n), pg_temp.public_id(m.at, 'transaction' || m.n)
    from made m join users u on u.id = m.owner_id where not m.draft order by m.n;

-- Pages, one in two thousand posts
insert into posts (id, public_id, kind, owner_id, title, slug, status, page_path, published_at, changed_at, version)
    overriding system value
    select base.posts + :post_count + n, pg_temp.public_id(base.newest, 'page' || n), 'page', base.users + 1, 'Page ' || n, 'page-' || n, 'published', 'page-' || n,
           base.newest, base.newest, 1
    from base, generate_series(1, greatest(1, :post_count / 2000)) n;
insert into post_bodies (post_id, html, renderer_version, revision_number)
    select p.id, '<p>Text.</p>', (select max(renderer_version) from sample), 1
    from posts p, base where p.id > base.posts + :post_count;
insert into post_authors (post_id, user_id, position)
    select p.id, p.owner_id, 0 from posts p, base where p.id > base.posts + :post_count;

-- Comments: of two hundred, one is held, one hidden, one deleted.
insert into comments (id, public_id, post_id, parent_id, author_id, depth, markdown, html, renderer_version, state, transaction_id,
                      created_at, decided_by)
    overriding system value
    select base.comments + n, pg_temp.public_id(base.newest - (:comment_count - n + 1) * interval '1 second', 'comment' || n),
           base.posts + 1 + (n - 1) % :post_count, case when n > :post_count and (n - 1) / :post_count % 2 = 1 then base.comments + n - :post_count end,
           base.users + 1 + floor(:author_count * pg_temp.drawn(n + 17) ^ 3)::bigint, (n - 1) / :post_count % 2, 'A thought.', '<p>A thought.</p>', 1,
           case n % 200 when 1 then 'held' when 2 then 'hidden' when 3 then 'deleted' else 'visible' end,
           pg_temp.public_id(base.newest - (:comment_count - n + 1) * interval '1 second', 'transaction' || n),
           base.newest - (:comment_count - n + 1) * interval '1 second',
           case when n % 200 in (2, 3) then 1 when n % 40 = 5 then 1 end
    from generate_series(1::bigint, :comment_count) n, base;
insert into reports (public_id, comment_id, reporter_id, reason, resolved_at)
    select pg_temp.public_id(now(), 'report' || n), base.comments + n, base.users + 1 + n % :author_count, 'spam',
           case when n % 4000 <> 7 then now() end
    from generate_series(1::bigint, :comment_count) n, base where n % 100 = 7;
-- What triggers would have kept.
insert into comment_queue (user_id, kind, comment_id, report_id, post_id)
    select a.user_id, c.state, c.id, 0, c.post_id from comments c join post_authors a on a.post_id = c.post_id
    where c.state in ('held', 'hidden')
    union all
    select a.user_id, 'reported', c.id, r.id, c.post_id
    from reports r join comments c on c.id = r.comment_id join post_authors a on a.post_id = c.post_id
    where r.resolved_at is null and a.user_id <> c.author_id
    on conflict do nothing;
insert into shared_posts (user_id, post_id)
    select a.user_id, a.post_id from post_authors a join posts p on p.id = a.post_id where p.owner_id <> a.user_id
    on conflict do nothing;
insert into commit_marks (id) select pg_temp.public_id(now(), 'mark' || n) from generate_series(1, :post_count / 10) n;
insert into cache_invalidations (tags, gone, transaction_id)
    select array['post:' || n], n % 10 = 0, pg_temp.public_id(now(), 'change' || n) from generate_series(1, :post_count / 10) n;

do $$
declare of text;
begin
    foreach of in array array['users', 'posts', 'comments', 'tags'] loop
        execute format('select setval(pg_get_serial_sequence(%L, ''id''), (select max(id) from %I))', of, of);
    end loop;
end $$;
commit;
vacuum analyze;
checkpoint;
