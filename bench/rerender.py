#!/usr/bin/env python3
"""What readers notice while posts are rendered again, and how fast that goes.

A site of copies of the sample posts; all are made to look as an older renderer left them, and the job is asked for. A client
asks at an even rate for the pages that a site's readers ask most: front page, feed and the posts that the first lists lead to;
in turns while a slice of the job runs, and while the next slice is held back. A machine that is slower for a minute is so for
both.

    bench/rerender.py PROGRAM LOAD [POSTS]

The client tells answers from memory by their `Cache-Status`. Where one in fifty is made, the p99 of all answers is that of
pages that are made; so both are printed, and the bound is on pages from memory.

Bounds, of one run: 200 posts a second while the job runs, the median p99 of pages from memory meanwhile at most 1.2 times that
of the turns between, 95 % of hits.
"""

import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import typing

import content
import servers

SECONDS, RATE, PAGES = 4, 1000, 100
# Copies have no Markdown of their own. What their HTML ends with makes every page another one when it is rendered again.
AGE = """
update post_bodies b set markdown = s.markdown from post_bodies s where b.markdown = '' and s.markdown <> '' and s.html = b.html;
update post_bodies set html = html || '<p>Made before.</p>', renderer_version = 1;
"""
ASK = """insert into jobs (kind, payload, run_at, max_attempts)
         values ('texts.render', '{"renderer_version": 0, "posts": null, "comments": null, "left": 0}', now(), 5)"""
# Each slice asks for the next one, which waits until it is let go.
HOLD_BACK = """
create function hold_back() returns trigger language plpgsql as $$ begin new.run_at = now() + interval '1 hour'; return new; end $$;
create trigger hold_back before insert on jobs for each row when (new.kind = 'texts.render') execute function hold_back();
"""
GO = "update jobs set run_at = now() where kind = 'texts.render'"
RUNS = "select count(*) from jobs where kind = 'texts.render' and worker is not null"
LEFT = "select count(*) from post_bodies where renderer_version = 1"


class Window(typing.NamedTuple):
    """p99 in microseconds of pages from memory and of all answers, and which share of these came from memory."""
    hits_p99: float
    all_p99: float
    hits: float

    def __str__(self):
        return f"p99 {self.hits_p99:,.0f} µs from memory, {self.all_p99:,.0f} µs of all, {self.hits:.2%} hits"


class Reader:
    def __init__(self, load, server, paths):
        self.load, self.server, self.paths = load, server, paths

    def window(self):
        command = [self.load, self.server.url("/"), "--paths", self.paths, "--connections", "16", "--rate", str(RATE),
                   "--seconds", str(SECONDS), "--header", "accept-encoding: br"]
        said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        if said["errors"]:
            sys.exit(f"errors: {said}")
        return Window(said["hits"]["p99_us"], said["p99_us"], said["hits"]["count"] / said["count"])


def paths(server):
    found = ["/", "/feed.atom", "/newest"]
    page = "/newest"
    while page and len(found) < PAGES:
        text = servers.fetch(server.url(page))[2].decode()
        posts = re.findall(r'href="(/@[^"/]+/[^"#?/]+)"', text)
        found += [path for path in dict.fromkeys(posts) if path not in found and not path.endswith((".atom", ".rss", ".json"))]
        older = re.search(r'href="(/newest\?before=[^"]+)"', text)
        page = older and older[1].replace("&amp;", "&")
    return found[:PAGES]


def measure(program, load, count, work):
    data = work / "site"
    content.make(program, data, count)
    with servers.masthead(program, data) as server:
        file = work / "paths"
        file.write_text("\n".join(paths(server)) + "\n")
        reader = Reader(load, server, file)
        reader.window()
        content.ask(data, AGE)
        content.ask(data, "vacuum (analyze) post_bodies")
        content.ask(data, "checkpoint")
        reader.window()
        total = int(content.ask(data, LEFT))
        content.ask(data, HOLD_BACK + ASK)
        quiet, meanwhile, seconds, left = [], [], 0, total
        while left > 0:
            quiet.append(reader.window())
            content.ask(data, GO)
            wait_until(data, RUNS, "1")
            began = time.monotonic()
            window = reader.window()
            wait_until(data, RUNS, "0")
            seconds += time.monotonic() - began
            left = int(content.ask(data, LEFT))
            # The last slice may have ended in quiet.
            if left > 0 or not meanwhile:
                meanwhile.append(window)
    for pair in zip(quiet, meanwhile):
        for name, window in zip(("quiet", "meanwhile"), pair):
            print(f"{name:9} {window}")
    middle = lambda windows, of: statistics.median(map(of, windows))
    ratio = lambda of: middle(meanwhile, of) / middle(quiet, of)
    from_memory, of_all = ratio(lambda window: window.hits_p99), ratio(lambda window: window.all_p99)
    share = min(window.hits for window in meanwhile)
    print(f"{total} posts in {seconds:.0f} s: {total / seconds:,.0f} posts/s; p99 of a quiet node's: {from_memory:.2f} from memory, "
          f"{of_all:.2f} of all; at least {share:.2%} hits")
    return total / seconds >= 200 and from_memory <= 1.2 and share >= 0.95


def wait_until(data, question, answer):
    while content.ask(data, question) != answer:
        time.sleep(0.05)


def main():
    program, load = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    work = pathlib.Path(tempfile.mkdtemp(prefix="masthead-rerender-"))
    # The private database runs as another user when root measures, and must be able to enter.
    work.chmod(0o755)
    try:
        sys.exit(0 if measure(program, load, count, work) else 1)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
