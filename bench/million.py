"""Every GET route of a small and of a large site: how long an answer takes when it has to be made, and what its queries read."""

import base64
import functools
import json
import pathlib
import re
import statistics
import sys
import time

import content
import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMALL = (1000, 100, 5000)
ROUNDS = 5

# Who and what the questions are about: the author of the most posts, one of few, and things of theirs.
CAST = """
with big as (select owner_id as id from posts where kind = 'post' group by 1 order by count(*) desc, 1 limit 1),
     usual as (select owner_id as id from posts where kind = 'post' group by 1
               order by abs(count(*) - 8), owner_id desc limit 1),
     person as (select 'big' as part, u.* from users u join big using (id) union all
                select 'usual', u.* from users u join usual using (id)),
     post as (select p.part, x.* from person p join lateral (
                  select * from posts where owner_id = p.id and listed_at is not null order by listed_at limit 1) x on true),
     draft as (select * from posts where status = 'draft' and kind = 'post' and owner_id = (select id from big) limit 1),
     comment as (select * from comments where state = 'visible' and parent_id is not null order by id limit 1)
select json_build_object(
    'big', (select username from person where part = 'big'), 'usual', (select username from person where part = 'usual'),
    'big_post', (select slug from post where part = 'big'), 'usual_post', (select slug from post where part = 'usual'),
    'big_id', (select public_id from post where part = 'big'), 'usual_id', (select public_id from post where part = 'usual'),
    'draft', (select public_id from draft), 'comment', (select public_id from comment),
    'commenter', (select username from users where id = (select author_id from comment)),
    'asked', (select json_build_object('post', p.public_id, 'user', u.username) from byline_requests r
              join posts p on p.id = r.post_id join users u on u.id = r.user_id order by r.post_id limit 1),
    'big_tag', (select slug from tags order by post_count desc, slug limit 1),
    'usual_tag', (select slug from tags where post_count > 0 order by post_count, slug limit 1),
    'month', (select to_char(max(listed_at), 'YYYY/MM') from posts),
    'page', (select page_path from posts where kind = 'page' and status = 'published' order by id desc limit 1),
    'old', (select path from redirects order by path desc limit 1),
    'member', (select public_id from person where part = 'big'),
    'cursor', (select json_build_object('micros', (extract(epoch from listed_at) * 1000000)::bigint, 'key', id)
               from posts where listed_at is not null order by listed_at offset 500 limit 1),
    'after', (select username from users order by username offset (select count(*) / 2 from users) limit 1),
    'last_part', (select 1 + max(id) / 10000 from posts where listed_at is not null),
    'last_people', (select 1 + max(id) / 10000 from users))
"""

# Route of the table -> its questions: what is special about it, address, the person who asks (none: a reader).
def questions(c):
    before = cursor(c["cursor"])
    queue = "/dashboard/comments?show="
    return {
        "/": [("", "/", None)],
        "/newest": [("", "/newest", None), ("far back", f"/newest?before={before}", None)],
        "/archive": [("", "/archive", None)],
        "/archive/{year}/{month}": [("", f"/archive/{c['month']}", None), ("far back", f"/archive/{c['month']}?before={before}", None)],
        "/authors": [("", "/authors", None)],
        "/newest/archive": [("", "/newest/archive", None)],
        "/newest/authors": [("", "/newest/authors", None)],
        "/t": [("", "/t", None)],
        "/t/{tag}": [("most used", f"/t/{c['big_tag']}", None), ("far back", f"/t/{c['big_tag']}?before={before}", None),
                     ("least used", f"/t/{c['usual_tag']}", None), ("none", "/t/nothing", None)],
        "/me.json": [("reader", "/me.json", None), ("member", "/me.json", "usual")],
        "/assets/{name}": [("none", "/assets/none.0.css", None)],
        "/avatars/{id}.jpg": [("none", f"/avatars/{c['big_id']}.jpg", None)],
        "/feed.{format}": [(f, f"/feed.{f}", None) for f in ("atom", "rss", "json")],
        "/t/{tag}/feed.{format}": [("", f"/t/{c['big_tag']}/feed.atom", None)],
        "/@{author}/feed.{format}": [("big", f"/@{c['big']}/feed.atom", None), ("usual", f"/@{c['usual']}/feed.atom", None)],
        "/sitemap.xml": [("", "/sitemap.xml", None)],
        "/sitemap-{part}.xml": [(part, f"/sitemap-{part}.xml", None) for part in (
            "posts-1", f"posts-{c['last_part']}", "authors-1", f"authors-{c['last_people']}", "tags-1")],
        "/settings": [("", "/settings", "usual")],
        "/dashboard": [(f"{who}, {shelf}", f"/dashboard?shelf={shelf}", who)
                       for who in ("big", "usual") for shelf in ("posts", "drafts", "scheduled", "review", "templates", "trash")] +
                      [("owner, pages", "/dashboard?shelf=pages", "bench")] +
                      [(f"big, {case}", f"/dashboard?{query}", "big") for case, query in (
                          ("oldest", "sort=oldest"), ("by title", "sort=title"), ("by date", "sort=published"),
                          ("search", "q=post"), ("search, none", "q=zzz"))],
        "/new": [("", "/new", "usual")],
        "/p/{id}/edit": [("", f"/p/{c['draft']}/edit", "big")],
        "/p/{id}/preview": [("", f"/p/{c['draft']}/preview", "big")],
        "/p/{id}/preview-links": [("", f"/p/{c['draft']}/preview-links", "big")],
        "/preview/{token}": [("none", "/preview/none", None)],
        "/p/{id}/notes": [("", f"/p/{c['draft']}/notes", "big")],
        "/p/{id}/history": [("", f"/p/{c['draft']}/history", "big")],
        "/p/{id}/history/{number}": [("", f"/p/{c['draft']}/history/1", "big")],
        "/p/{id}/publish": [("", f"/p/{c['draft']}/publish", "big")],
        "/p/{id}/byline": [("", f"/p/{c['asked']['post']}/byline", c["asked"]["user"])],
        "/dashboard/comments": [(f"{who}, {show}", queue + show, who) for who in ("big", "usual", "bench")
                                for show in ("held", "reported", "hidden", "all")],
        "/comments/{id}": [("", f"/comments/{c['comment']}", c["commenter"])],
        "/comments/{id}/edit": [("", f"/comments/{c['comment']}/edit", c["commenter"])],
        "/comments/{id}/delete": [("", f"/comments/{c['comment']}/delete", c["commenter"])],
        "/comments/{id}/report": [("", f"/comments/{c['comment']}/report", "usual")],
        "/comments/{id}/decide": [("", f"/comments/{c['comment']}/decide", "bench")],
        "/admin": [("", "/admin", "bench")],
        "/admin/jobs": [("", "/admin/jobs", "bench")],
        "/admin/site": [("", "/admin/site", "bench")],
        "/admin/people": [("", "/admin/people", "bench"), ("from the middle", f"/admin/people?after={c['after']}", "bench"),
                          ("search", f"/admin/people?q={c['usual'][:5]}", "bench"), ("search, none", "/admin/people?q=zzz", "bench")],
        "/admin/people/{id}/handles": [("", f"/admin/people/{c['member']}/handles", "bench")],
        "/admin/invitations": [("", "/admin/invitations", "bench")],
        "/admin/tags": [("most used", "/admin/tags", "bench"), ("search", f"/admin/tags?q={c['usual_tag']}", "bench"),
                        ("search, none", "/admin/tags?q=zzz", "bench")],
        "/admin/tags/{tag}": [("", f"/admin/tags/{c['big_tag']}", "bench")],
        "/admin/tags/{tag}/merge": [("", f"/admin/tags/{c['usual_tag']}/merge?into={c['big_tag']}", "bench")],
        "/p/{id}": [("", f"/p/{c['usual_id']}", None)],
        "/p/{id}/social-{version}.png": [("a former version", f"/p/{c['usual_id']}/social-former.png", None)],
        "/@{author}": [("big", f"/@{c['big']}", None), ("far back", f"/@{c['big']}?before={before}", None),
                       ("usual", f"/@{c['usual']}", None), ("none", "/@zzzz", None)],
        "/@{author}/-/corrections": [("big", f"/@{c['big']}/-/corrections", None)],
        "/@{author}/{slug}/corrections": [("none", f"/@{c['usual']}/{c['usual_post']}/corrections", None)],
        "/@{author}/{slug}.md": [("", f"/@{c['usual']}/{c['usual_post']}.md", None)],
        "/@{author}/{slug}": [("big", f"/@{c['big']}/{c['big_post']}", None), ("usual", f"/@{c['usual']}/{c['usual_post']}", None),
                              ("none, below big", f"/@{c['big']}/no-such-post", None),
                              ("none, below usual", f"/@{c['usual']}/no-such-post", None)],
        "/@{author}/{slug}/edit": [("", f"/@{c['big']}/{c['big_post']}/edit", "big")],
        "/@{author}/{slug}/comment": [("", f"/@{c['big']}/{c['big_post']}/comment", "usual")],
        "/{path:.*}": [("page", f"/{c['page']}", None), ("redirect", c["old"], None), ("none", "/no/such/page", None)],
    }


# Answers that no table is asked for: one question shows that.
PLAIN = ["/feed", "/rss", "/rss.xml", "/atom.xml", "/index.xml", "/t/{tag}/feed", "/t/{tag}/rss", "/@{author}/feed", "/@{author}/rss",
         "/robots.txt", "/livez", "/readyz", "/startupz", "/signup", "/login", "/.well-known/change-password", "/setup"]


def cursor(of):
    """As the program writes it into an address."""
    return base64.urlsafe_b64encode(of["micros"].to_bytes(8, "big", signed=True) + of["key"].to_bytes(8, "big")).decode().rstrip("=")


def routes():
    """GET routes, from the table that the tests hold the program to."""
    lines = (ROOT / "tests" / "integration" / "routes.txt").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("GET ")]


def listed(ask):
    """Every route with its questions; fails where the table has one that nothing is known to ask of."""
    cast = json.loads(ask(CAST))
    asked = questions(cast)
    for path in PLAIN:
        asked[path] = [("", path.replace("{tag}", cast["big_tag"]).replace("{author}", cast["big"]), None)]
    table = routes()
    if set(table) != set(asked):
        raise content.Failed(f"routes and questions differ in {sorted(set(table) ^ set(asked))}")
    names = {"bench": "bench", "big": cast["big"], "usual": cast["usual"]}
    return [(path, *question[:2], names.get(question[2], question[2])) for path in table for question in asked[path]]


def run(program, work, size):
    """The questions to a site of a thousand posts and to one of the size asked for. Sites that are there already are asked."""
    results = {}
    work.mkdir(mode=0o755, exist_ok=True)
    work = work.resolve()
    for posts, authors, comments in (SMALL, size):
        data = work / f"site-{posts}"
        if not data.exists():
            print(f"making a site of {posts:,} posts, {authors:,} authors, {comments:,} comments", file=sys.stderr, flush=True)
            make(program, data, posts, authors, comments)
        print("asking every route", file=sys.stderr, flush=True)
        ask = functools.partial(content.ask, data)
        # Nothing is kept in memory and no job is done beside: what counts is what it costs to make a page.
        start = functools.partial(servers.masthead, program, data, {"MASTHEAD_CACHE_MB": "0", "MASTHEAD_JOBS": "external"})
        results[f"{posts:,} posts"] = measure(ask, start, data / "postgres" / "postgres.log")
    return results


def make(program, data, posts, authors, comments):
    content.with_samples(program, data)
    with servers.masthead(program, data):
        content.ask(data, (ROOT / "bench" / "million.sql").read_text(),
                    post_count=posts, author_count=authors, comment_count=comments, most_bytes=12000)


def measure(ask, start, log):
    """For each question the time of an answer in ms, and of its queries: time, buffers, tables that were read whole."""
    with start() as server:
        lines = listed(ask)
        cookies = {name: content.session_of(ask, name) for name in {line[3] for line in lines if line[3]}}
        times = [timed(server, path, cookies.get(who)) for _, _, path, who in lines]
        explain(ask, True)
    plans = []
    with start() as server:
        try:
            for _, _, path, who in lines:
                for _ in range(2):
                    fetch(server, path, cookies.get(who))
                plans.append(read_plans(log, lambda: fetch(server, path, cookies.get(who))))
        finally:
            explain(ask, False)
    return [{"route": route, "case": case, "path": path, "status": status, "ms": round(ms, 2), **plan}
            for (route, case, path, _), (status, ms), plan in zip(lines, times, plans)]


def fetch(server, path, cookie):
    return servers.fetch(server.url(path), {"Cookie": cookie} if cookie else {})[0]


def timed(server, path, cookie):
    fetch(server, path, cookie)
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        status = fetch(server, path, cookie)
        taken.append((time.perf_counter() - begun) * 1000)
    return status, statistics.median(taken)


def explain(ask, on):
    """From the next connection on, the server writes the plan of every statement into its log, with what it read; or no more."""
    ask("alter role masthead_app reset all")
    settings = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0", "auto_explain.log_analyze": "on",
                "auto_explain.log_buffers": "on", "auto_explain.log_timing": "off", "auto_explain.log_format": "json"}
    for name, value in settings.items() if on else ():
        ask(f"load 'auto_explain'; alter role masthead_app set {name} = '{value}'")


# What the site asks for itself meanwhile.
OWN = re.compile(r"\b(pg_\w+|cache_invalidations|cache_nodes|leaders|schedule_ticks|commit_marks)\b")


def read_plans(log, act):
    """The plans that an act leaves in the log of the server."""
    file, begin = log.stat().st_ino, log.stat().st_size
    act()
    size = -1
    while size != log.stat().st_size:
        size = log.stat().st_size
        time.sleep(0.05)
    if log.stat().st_ino == file and size >= begin:
        text = log.read_bytes()[begin:]
    else:
        # It got long meanwhile, and lies beside the new one.
        text = log.with_name(log.name + ".1").read_bytes()[begin:] + log.read_bytes()
    found = re.findall(r"duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)", text.decode(errors="replace"))
    plans = [(float(ms), json.loads(plan)) for ms, plan in found]
    plans = [(ms, plan) for ms, plan in plans if not OWN.search(plan["Query Text"])]
    whole = sorted({name for _, plan in plans for name in read_whole(plan["Plan"])})
    return {"db_ms": round(sum(ms for ms, _ in plans), 2), "queries": len(plans), "whole": whole,
            "buffers": sum(buffers(plan["Plan"]) for _, plan in plans),
            "plans": [{"ms": ms, "query": plan["Query Text"], "plan": shape(plan["Plan"])} for ms, plan in plans]}


def buffers(node):
    return node.get("Shared Hit Blocks", 0) + node.get("Shared Read Blocks", 0)


def read_whole(node):
    """Tables of more than a few rows that a plan walks without an index."""
    rows = (node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)) * node.get("Actual Loops", 1)
    if node["Node Type"] == "Seq Scan" and rows > 200:
        yield node["Relation Name"]
    for child in node.get("Plans", []):
        yield from read_whole(child)


def shape(node, depth=0):
    """A plan in short lines: node, index or table, rows, loops, buffers."""
    on = node.get("Index Name") or node.get("Relation Name") or node.get("CTE Name") or ""
    removed = f", {node['Rows Removed by Filter']} removed" if node.get("Rows Removed by Filter") else ""
    line = (f"{'  ' * depth}{node['Node Type']} {on} rows {node.get('Actual Rows', 0)} x {node.get('Actual Loops', 0)}{removed}, "
            f"{buffers(node)} buffers")
    return "\n".join([line] + [shape(child, depth + 1) for child in node.get("Plans", [])])
