"""Fills a site: the sample content, and as many copies of its posts as asked for."""

import base64
import functools
import hashlib
import json
import pathlib
import secrets
import subprocess

import servers


class Failed(Exception):
    pass


# Copies of published sample posts of usual length, older than all samples, by the same authors and with the same
# tags. What no page reads (revisions, Markdown, plain text) is left out: at 100,000 posts that saves most of the time.
FILL = """
begin;
create temp table sample on commit drop as
    select p.*, b.html, b.renderer_version, row_number() over (order by p.id) - 1 as place
    from posts p join post_bodies b on b.post_id = p.id
    where p.import_key like 'demo:posts/%' and p.listed_at is not null and octet_length(b.html) between 2000 and 12000;
create temp table copy on commit drop as
    select n, s.id as sample_id, gen_random_uuid() as public_id,
           (select min(listed_at) from posts) - n * interval '1 minute' as at
    from generate_series(1, :count) n join sample s on s.place = n % (select count(*) from sample);
insert into posts (public_id, kind, owner_id, title, slug, excerpt, description, language, cover_url, cover_alt, status,
                   minutes, words, version, created_at, saved_at, published_at, changed_at, listed_at)
    select c.public_id, 'post', s.owner_id, s.title || ' ' || c.n, 'copy-' || c.n, s.excerpt, s.description, s.language,
           s.cover_url, s.cover_alt, 'published', s.minutes, s.words, 1, c.at, c.at, c.at, c.at, c.at
    from copy c join sample s on s.id = c.sample_id order by c.n desc;
create temp table made on commit drop as
    select p.id, c.sample_id, c.at from copy c join posts p on p.public_id = c.public_id;
insert into post_bodies (post_id, html, renderer_version, revision_number)
    select m.id, s.html, s.renderer_version, 1 from made m join sample s on s.id = m.sample_id;
insert into post_authors (post_id, user_id, position, listed_at)
    select m.id, a.user_id, a.position, m.at from made m join post_authors a on a.post_id = m.sample_id;
insert into post_tags (post_id, tag_id, position, listed_at)
    select m.id, t.tag_id, t.position, m.at from made m join post_tags t on t.post_id = m.sample_id;
update tags t set post_count = (select count(*) from post_tags p where p.tag_id = t.id and p.listed_at is not null);
commit;
vacuum (analyze) posts, post_bodies, post_authors, post_tags, tags;
checkpoint;
"""


def make(program, data, count):
    """A site with `count` posts in an empty data directory, stopped again: what is measured starts with empty caches."""
    with_samples(program, data)
    with servers.masthead(program, data):
        present = int(ask(data, "select count(*) from posts where listed_at is not null"))
        if count > present:
            ask(data, FILL, count=count - present)


def with_samples(program, data):
    """A site with an owner and the sample content in an empty data directory."""
    command(program, data, "user", "create", "bench", "--email", "bench@example.org", "--role", "owner",
            "--password-stdin", text=secrets.token_urlsafe(24) + "\n")
    command(program, data, "demo", "load")


def command(program, data, *arguments, text=""):
    done = subprocess.run([program, *arguments, "--data-dir", data], input=text, text=True, capture_output=True,
                          env=servers.own_environment(), cwd=data.parent)
    if done.returncode != 0:
        raise Failed(f"masthead {arguments[0]} failed:\n{done.stderr}")


def socket_dir(data):
    return data / "postgres" / "run"


def database_url(data, role):
    return f"postgres://{role}@localhost/masthead?host={socket_dir(data)}"


def ask(data, sql, **variables):
    """Lines of the answer, by psql, as docs/backup.md has it for backups."""
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", socket_dir(data), "-U", "postgres", "masthead"]
    for name, value in variables.items():
        command += ["-v", f"{name}={value}"]
    done = subprocess.run(command, input=sql, text=True, capture_output=True, env=servers.own_environment())
    if done.returncode != 0:
        raise Failed(f"psql failed:\n{done.stderr}")
    return done.stdout.strip()


def post(data, slug):
    """Path and inner id of a post."""
    found = ask(data, "select '/@' || u.username || '/' || p.slug, p.id from posts p join users u on u.id = p.owner_id"
                      " where p.slug = :'slug' and p.listed_at is not null limit 1", slug=slug)
    if not found:
        raise Failed(f"there is no post {slug}")
    path, _, number = found.rpartition("|")
    return path, int(number)


def page_query():
    """The SQL of a post's page, from the statements that are stored for building."""
    stored = pathlib.Path(__file__).resolve().parent.parent / ".sqlx"
    found = [query for query in (json.loads(file.read_text())["query"] for file in stored.glob("query-*.json"))
             if "p.comment_count between 1 and $3" in query]
    if len(found) != 1:
        raise Failed("the query of a post's page is not among the stored ones")
    return found[0]


def page_rows_path(data, number):
    """Where the bare server has the rows of a post's page."""
    return ask(data, "select '/' || u.username_key || '/' || p.slug from posts p join users u on u.id = p.owner_id"
                     " where p.id = :number", number=number)


DRAFTS = """
create temp table draft as select gen_random_uuid() as public_id, n from generate_series(1, :count) n;
with owner as (select id from users where username = 'bench'),
     made as (insert into posts (public_id, kind, owner_id, title, slug, version)
              select public_id, 'post', owner.id, 'Draft ' || n, 'draft-' || replace(public_id::text, '-', ''), 1
              from draft, owner returning id, public_id, owner_id, title),
     body as (insert into post_bodies (post_id, markdown, html, renderer_version, revision_number)
              select id, 'Text.', '<p>Text.</p>', 1, 1 from made),
     author as (insert into post_authors (post_id, user_id, position) select id, owner_id, 0 from made)
insert into revisions (public_id, post_id, number, title, markdown, details, saved_by, transaction_id, correlation_id)
select gen_random_uuid(), id, 1, title, 'Text.', '{"authors": ["bench"]}', owner_id, gen_random_uuid(), gen_random_uuid() from made;
select public_id from draft;
"""


def drafts(data, count):
    """Ids of so many new drafts of the owner's."""
    return ask(data, DRAFTS, count=count).splitlines()


def table_of_inserts(data):
    """For the bare handler that writes one row."""
    ask(data, "create table bench_inserts (id bigint generated always as identity primary key, text text not null,"
              " at timestamptz not null default now()); grant insert on bench_inserts to masthead_app")


def session(data):
    """The cookie of a browser that is signed in as the owner."""
    return session_of(functools.partial(ask, data), "bench")


def session_of(ask, username):
    """The cookie of a browser that is signed in with this handle."""
    token = secrets.token_bytes(32)
    ask("insert into sessions (public_id, token_hash, user_id, expires_at) select gen_random_uuid(),"
        " decode(:'hash', 'hex'), id, now() + interval '1 day' from users where username = :'username'",
        hash=hashlib.sha256(token).hexdigest(), username=username)
    return "sid=" + base64.urlsafe_b64encode(token).decode().rstrip("=")


def copies(data):
    """Paths of the copied posts, spread over all of them whatever order they were stored in."""
    paths = ask(data, "select '/@' || u.username || '/' || p.slug from posts p join users u on u.id = p.owner_id"
                      " where p.slug like 'copy-%' order by md5(p.slug) limit 20000")
    return paths.splitlines()
