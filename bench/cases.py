"""What is compared with what."""

import collections
import concurrent.futures
import contextlib
import html
import re
import subprocess
import sys
import time
import urllib.parse

import content
import measure
import servers
from measure import Target

# A form of a page as a file: `path` is its address on the bare servers.
Form = collections.namedtuple("Form", "path file content_type encoding etag")
# A question put to every server: how it reads in tables, page, encoding, and whether the asker has the page already.
Case = collections.namedtuple("Case", "title page encoding known")

HITS = [Case(f"{page}, {title}", page, encoding, known)
        for page in ("post", "front page")
        for title, encoding, known in (("plain", "identity", False), ("brotli", "br", False), ("304", "br", True))]
# What a browser asks most: its figures stand for a hit where one case has to.
USUAL = HITS[1]


class Bench:
    def __init__(self, options, programs, work, stack):
        self.options = options
        self.programs = programs
        self.work = work
        self.stack = stack
        self.meter = measure.Meter(programs.load, options)

    def run(self):
        results = {"cache": self.has_cache()}
        if self.options.only & {"hit", "rate"}:
            self.start_hit()
            results["memory"] = {"start": self.masthead.memory_kib()["now"]}
            if "hit" in self.options.only:
                results["hit"] = self.hits()
            if "rate" in self.options.only:
                results["rate"] = self.rate(results.get("hit"))
            results["memory"].update(self.masthead.memory_kib())
            results["memory"]["bare"] = self.bare.memory_kib()["peak"]
        if "cold" in self.options.only:
            self.start_cold()
            results["cold"] = self.cold()
        if "write" in self.options.only:
            results["write"] = self.writes()
        self.stack.close()
        if "size" in self.options.only and self.options.sizes:
            results["size"] = self.sizes()
        return results

    def hold(self):
        self.start_hit()
        self.start_cold()
        for server in self.present() + [self.cold_masthead, self.rows, self.page_rows]:
            print(f"{server.name:22} http://127.0.0.1:{server.port}/  worker processes {server.workers()}  log {server.log}")
        print(f"post on masthead: {self.paths['post']}; on bare and nginx: /post and /post.br; on rows: /{self.post_id}")
        print(f"load client: {self.programs.load}\nCtrl-C ends all of it.", flush=True)
        self.masthead.process.wait()

    # Starting

    def has_cache(self):
        """Whether this program has a page cache that can be switched off."""
        said = subprocess.run([self.programs.masthead, "config", "check"], capture_output=True, text=True, cwd=self.work,
                              env=servers.own_environment())
        return "cache_mb" in said.stdout

    def site(self):
        if not hasattr(self, "data"):
            self.data = self.work / "site"
            print(f"making a site of {self.options.posts} posts", file=sys.stderr, flush=True)
            content.make(self.programs.masthead, self.data, self.options.posts)
            self.masthead = self.stack.enter_context(servers.masthead(self.programs.masthead, self.data))
            post, self.post_id = content.post(self.data, self.options.post)
            self.paths = {"post": post, "front page": "/"}
        return self.data

    def start_hit(self):
        self.site()
        self.forms = {(page, encoding): self.form(page, encoding) for page in self.paths for encoding in ("identity", "br")}
        files = list(self.forms.values())
        self.bare = self.stack.enter_context(servers.bare_bytes(self.programs.bare, self.work, files))
        self.nginx = None
        if not self.options.no_nginx:
            self.nginx = self.stack.enter_context(servers.nginx(self.work, files))

    def form(self, page, encoding):
        """A page's bytes as Masthead sends them, kept for the bare servers."""
        for _ in range(200):
            status, headers, body = servers.fetch(self.masthead.url(self.paths[page]), {"Accept-Encoding": encoding})
            if headers.get("Content-Encoding", "identity") == encoding:
                break
            # Pages are compressed behind their second request.
            time.sleep(0.01)
        if status != 200 or headers.get("Content-Encoding", "identity") != encoding:
            raise servers.Failed(f"{page} in {encoding} came with status {status}")
        path = "/" + page.split()[0] + (".br" if encoding == "br" else "")
        file = self.work / path[1:]
        file.write_bytes(body)
        file.chmod(0o644)
        return Form(path, file, headers["Content-Type"], "" if encoding == "identity" else encoding, headers["ETag"])

    def start_cold(self):
        """A second Masthead without its cache, and the bare reader, on the database of the first."""
        data = self.site()
        settings = {
            "MASTHEAD_DATABASE_URL": content.database_url(data, "masthead_app"),
            "MASTHEAD_MIGRATION_DATABASE_URL": content.database_url(data, "masthead_owner"),
        }
        if self.has_cache():
            settings["MASTHEAD_CACHE_MB"] = "0"
        empty = self.work / "cold"
        empty.mkdir()
        self.cold_masthead = self.stack.enter_context(
            servers.masthead(self.programs.masthead, empty, settings, name="masthead, no cache"))
        database_url = content.database_url(data, "masthead_app")
        self.rows = self.stack.enter_context(servers.bare_rows(self.programs.bare, self.work, database_url))
        query = self.work / "page.sql"
        query.write_text(content.page_query())
        self.page_rows = self.stack.enter_context(servers.bare_rows(self.programs.bare, self.work, database_url, query))

    # Measuring

    def present(self):
        return [server for server in (self.masthead, self.bare, self.nginx) if server]

    def targets(self, case):
        return [self.target(case, server) for server in self.present()]

    def target(self, case, server):
        form = self.forms[case.page, case.encoding]
        url = server.url(self.paths[case.page] if server is self.masthead else form.path)
        headers = [f"accept-encoding: {case.encoding}"]
        if not case.known:
            return Target(server.name, server, url, headers)
        # Each server's own validator.
        _, answered, _ = servers.fetch(url, {"Accept-Encoding": case.encoding})
        return Target(server.name, server, url, headers + [f"if-none-match: {answered['ETag']}"], 304)

    def hits(self):
        results = {}
        for case in HITS:
            taken = self.meter.rounds(case.title, self.targets(case))
            results[case.title] = measure.summary(taken, base="bare actix")
            if self.options.wrk:
                self.check_by_wrk(case, results[case.title])
        return results

    def check_by_wrk(self, case, result):
        for target in self.targets(case):
            result[target.name]["wrk_rps"] = measure.wrk(target, self.options.connections, self.options.seconds)

    def rate(self, hits):
        """How long the slowest in a hundred wait when half of what the bare server can do is asked for."""
        if hits:
            peak = hits[USUAL.title]["bare actix"]["rps"]
        else:
            peak = self.meter.measure(self.target(USUAL, self.bare))["rps"]
        rate = round(peak / 2)
        taken = self.meter.rounds(f"{USUAL.title} at {rate}/s", self.targets(USUAL), "--rate", str(rate))
        return {"case": USUAL.title, "rate": rate, "servers": measure.summary(taken, base="bare actix")}

    def cold(self):
        plain = ["accept-encoding: identity"]
        targets = [
            Target("masthead, no cache", self.cold_masthead, self.cold_masthead.url(self.paths["post"]), plain),
            Target("bare actix + sqlx", self.rows, self.rows.url(f"/{self.post_id}"), plain),
            Target("bare, the page's query", self.page_rows,
                   self.page_rows.url(content.page_rows_path(self.data, self.post_id)), plain),
        ]
        taken = self.meter.rounds("post out of the database, plain", targets)
        return {"post, plain": measure.summary(taken, base="bare actix + sqlx")}

    def writes(self):
        """What a form costs that is saved, beside a handler that writes one row: each request once, by eight writers."""
        data = self.site()
        content.table_of_inserts(data)
        bare = self.stack.enter_context(
            servers.bare_rows(self.programs.bare, self.work, content.database_url(data, "masthead_app")))
        cookie = content.session(data)
        headers = ["sec-fetch-site: same-origin", f"cookie: {cookie}"]
        each = self.options.writes
        taken = {name: [] for name in ("bare insert", "comment", "save", "publish")}
        for number in range(self.options.rounds):
            ids = content.drafts(data, 2 * each)
            lines = {
                "bare insert": [f"/\t{form}" for form in [save_form(0)] * (5 * each)],
                "comment": comment_lines(self.masthead, content.copies(data), cookie, each),
                "save": [f"/p/{id}/edit\t{save_form(n)}" for n, id in enumerate(ids[:each])],
                "publish": [f"/p/{id}/publish\tversion=1" for id in ids[each:]],
            }
            names = list(lines)[number % 4:] + list(lines)[:number % 4]
            for name in names:
                server = bare if name == "bare insert" else self.masthead
                file = self.work / "forms"
                file.write_text("\n".join(lines[name]))
                target = Target(name, server, server.url("/"), headers, 303)
                taken[name].append(self.meter.measure(target, "--paths", str(file), "--each-once", connections=8))
            said = ", ".join(f"{name} {figures[-1]['rps']:,.0f}/s" for name, figures in taken.items())
            print(f"writes, round {number + 1}: {said}", file=sys.stderr, flush=True)
        return measure.summary(taken, base="bare insert")

    def sizes(self):
        """The same questions to a small and to a large site: first what was not asked for before, then what was.
        Over one connection, so that times are those of the work and not of a queue."""
        with contextlib.ExitStack() as stack:
            sites = {f"{size:,} posts": self.sized(stack, size) for size in self.options.sizes}
            small = next(iter(sites))
            results = {"miss": measure.summary(self.misses(sites), base=small)}
            for page in ("post", "front page"):
                targets = [Target(name, server, server.url(paths[page]), ["accept-encoding: br"])
                           for name, (server, paths) in sites.items()]
                results[f"hit, {page}"] = measure.summary(self.meter.rounds(f"hit, {page}", targets, connections=1), base=small)
            results["memory"] = {name: server.memory_kib() for name, (server, _) in sites.items()}
        return results

    def sized(self, stack, size):
        data = self.work / f"site-{size}"
        print(f"making a site of {size} posts", file=sys.stderr, flush=True)
        content.make(self.programs.masthead, data, size)
        server = stack.enter_context(servers.masthead(self.programs.masthead, data))
        post, _ = content.post(data, self.options.post)
        return server, {"post": post, "front page": "/", "copies": content.copies(data)}

    def misses(self, sites):
        """Each post one time: how long one reader waits for a page that has to be made."""
        each = min(len(paths["copies"]) for _, paths in sites.values()) // self.options.rounds
        taken = {name: [] for name in sites}
        for number in range(self.options.rounds):
            names = list(sites) if number % 2 == 0 else list(sites)[::-1]
            for name in names:
                server, paths = sites[name]
                file = self.work / "paths"
                file.write_text("\n".join(paths["copies"][number * each:(number + 1) * each]))
                target = Target(name, server, server.url("/"), ["accept-encoding: br"])
                figures = self.meter.measure(target, "--paths", str(file), "--each-once", connections=1)
                taken[name].append(figures)
                print(f"miss, {name}, round {number + 1}: p50 {figures['p50_us']:,.0f} µs", file=sys.stderr, flush=True)
        return taken


TEXT = "Some *emphasis*, a [link](https://example.org/), and words enough for two lines of a paragraph in the middle of a text."


def save_form(number):
    return urllib.parse.urlencode({
        "kind": "post", "version": "1", "title": f"Saved {number}", "markdown": TEXT, "tags": "bench", "authors": "bench",
        "action": "save",
    })


def comment_lines(server, paths, cookie, count):
    """Forms as the pages for commenting give them: each has an id of its own."""
    def line(number):
        path = f"{paths[number % len(paths)]}/comment"
        status, _, page = servers.fetch(server.url(path), {"Cookie": cookie})
        if status != 200:
            raise servers.Failed(f"the form for a comment came with status {status}")
        page = page.decode()
        # The address holds the signature of the form's id.
        action = html.unescape(re.search(r'<form class="form compose" method="post" action="([^"]*)"', page).group(1))
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
        form = dict(hidden) | {"markdown": f"{TEXT} Number {number}."}
        return f"{action}\t{urllib.parse.urlencode(form)}"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(line, range(count)))
