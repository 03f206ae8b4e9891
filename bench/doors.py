#!/usr/bin/env python3
"""What a reader notices while others keep the CPU busy.

The node runs on one core; sixteen clients on the other send, in a loop, the dearest forms that are known to each door
that costs CPU time: sign-up, set-up, sign-in, preview, comment, comments in ever other languages and profile picture; each
alone, then all together.
Meanwhile a reader asks for a page that is in memory, and a balancer for /livez.

    bench/doors.py target/release/masthead [SECONDS]

Bounds: the reader's p99 is at most five times that of a quiet node, or 10 ms; /livez answers within 50 ms.
"""

import html
import http.client
import itertools
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zlib

import servers

CLIENTS = 16
NODE_CORE, CLIENT_CORE = 0, 1
PASSWORD = "seven small boats at anchor"
ODD = ("4@8({[<369!1|0$5+7%2" * 5)[:100]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A node with a private database in a directory of its own."""

    def __init__(self, binary):
        self.dir = tempfile.TemporaryDirectory(prefix="masthead-doors-")
        os.chmod(self.dir.name, 0o755)
        self.port = free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MASTHEAD_", "PG", "DATABASE_URL"))}
        env["MASTHEAD_WORKERS"] = "1"
        # All doors together have more clients than one address may have connections.
        env |= servers.as_known_to(binary, {"MASTHEAD_MAX_CONNECTIONS_PER_IP": "0"})
        log = open(os.path.join(self.dir.name, "log"), "w")
        args = [binary, "serve", "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.dir.name + "/data"]
        self.process = subprocess.Popen(args, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.cookie = ""
        for _ in range(600):
            try:
                if self.get("/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        else:
            raise SystemExit(open(log.name).read())
        # The threads of the node; its database and the clients share the other core.
        subprocess.run(["taskset", "-a", "-p", "-c", str(NODE_CORE), str(self.process.pid)], check=True, stdout=subprocess.DEVNULL)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path, connection=None):
        connection = connection or self.connect()
        connection.request("GET", path, headers={"Cookie": self.cookie} if self.cookie else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), answer.headers

    def post(self, path, fields, connection=None):
        return self.send(path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded", connection)

    def send(self, path, body, kind, connection=None):
        connection = connection or self.connect()
        headers = {"Content-Type": kind, "Origin": f"http://127.0.0.1:{self.port}"}
        # An account that is made or signed in to takes the place of the browser's session.
        if path not in ("/signup", "/login", "/setup"):
            headers["Cookie"] = self.cookie
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers

    def fill(self):
        """An owner, and a post to read and to comment on; gives its path."""
        form = {"site_name": "The Harbour", "username": "anna", "name": "Anna", "email": "anna@example.org", "password": PASSWORD, "sign_up": "open"}
        status, headers = self.post("/setup", form)
        if status == 422:
            del form["sign_up"]
            status, headers = self.post("/setup", form)
        assert status == 303, f"set-up: {status}"
        self.cookie = headers["Set-Cookie"].split(";")[0]
        page = self.get("/new")[1]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        fields = {**hidden, "title": "High water", "markdown": "A **bold** start.\n\n" * 40, "authors": "anna", "action": "save"}
        action = re.search(r'<form class="editor-form" method="post" action="([^"]+)"', page).group(1)
        status, _ = self.post(html.unescape(action), fields)
        assert status == 303, f"save: {status}"
        status, headers = self.post(f"/p/{hidden['id']}/publish", {})
        assert status == 303, f"publish: {status}"
        return headers["Location"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.dir.cleanup()


def dear_code(lines):
    parts = [("scss", "", " "), ("cs", "a(", "_a"), ("cpp", "a = ", "a::"), ("d", "a ", "a='"), ("php source", "", "(a"), ("tsx", "", "(")]
    blocks = (f"```{language}\n" + (begin + part * ((1980 - len(begin)) // len(part)) + "\n") * lines + "```\n" for language, begin, part in parts)
    return "\n".join(blocks)


def languages():
    """Comments of six languages each, so that the grammars of all together never fit into what the node keeps of them."""
    names = ("scala swift haskell ocaml erlang elixir clojure fsharp julia rust kotlin perl ruby php typescript tsx markdown latex "
             "matlab r racket verilog vhdl d dart groovy lua nim objective-c pascal powershell protobuf purescript python restructuredtext "
             "scss less stylus svelte vue sql tcl terraform toml yaml zig asciidoc c cpp csharp css go graphql html java javascript json").split()
    for start in range(0, len(names), 6):
        chosen = names[start:start + 6]
        yield "\n".join(f"```{name}\nlet a = b(\"c\", 1) // d\nclass E {{ f: g }}\n```\n" for name in chosen)


def picture():
    """A PNG of nearly 26 megapixels with four bytes each, small as a file."""
    side = 5099

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\x02" + b"\x01\x02\x03\x04" * side
    pixels = zlib.compressobj(1)
    data = b"".join(pixels.compress(row) for _ in range(side)) + pixels.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def doors(site, post):
    """Each door with what is sent to it."""
    form = "application/x-www-form-urlencoded"
    account = {"username": "b" * 12, "name": "B", "email": "b@example.org", "password": ODD}
    upload = b'--b\r\nContent-Disposition: form-data; name="avatar"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    upload += picture() + b"\r\n--b--\r\n"
    encode = lambda fields: urllib.parse.urlencode(fields).encode()
    return {
        "sign-up": ("/signup", encode(account), form),
        "set-up": ("/setup", encode({"site_name": "x", **account}), form),
        "sign-in": ("/login", encode({"login": "anna", "password": ODD}), form),
        "preview": ("/preview", encode({"kind": "post", "title": "T", "markdown": dear_code(12)}), form),
        "comment": (f"{post}/comment", encode({"markdown": dear_code(1)[:9_900], "action": "preview"}), form),
        "languages": (f"{post}/comment", [encode({"markdown": text, "action": "preview"}) for text in languages()], form),
        "avatar": ("/settings/avatar", upload, "multipart/form-data; boundary=b"),
    }


class Attack:
    """Clients that send one after the other, until it is stopped."""

    def __init__(self, site, sent, clients):
        self.ended, self.answers = threading.Event(), {}
        self.threads = [threading.Thread(target=self.loop, args=(site, *sent[i % len(sent)]), daemon=True) for i in range(clients)]
        for thread in self.threads:
            thread.start()

    def loop(self, site, path, bodies, kind):
        connection = site.connect()
        bodies = itertools.cycle(bodies if isinstance(bodies, list) else [bodies])
        while not self.ended.is_set():
            try:
                status = site.send(path, next(bodies), kind, connection)[0]
            except (OSError, http.client.HTTPException):
                connection.close()
                connection, status = site.connect(), 0
            self.answers[status] = self.answers.get(status, 0) + 1

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)
        return " ".join(f"{status or 'cut off'}: {count}" for status, count in sorted(self.answers.items()))


def received(stream):
    data = stream.recv(65536)
    if not data:
        print("the node closed the connection of the reader", file=sys.stderr, flush=True)
        os._exit(1)
    return data


def probe(port, paths, seconds):
    """In a process of its own, before all clients: milliseconds of each answer, by path."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.nice(-10)
        except PermissionError:
            pass
        out = []
        stream = socket.create_connection(("127.0.0.1", port))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for path in paths:
                begun = time.monotonic()
                stream.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                data = b""
                while b"\r\n\r\n" not in data:
                    data += received(stream)
                head, rest = data.split(b"\r\n\r\n", 1)
                length = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
                while len(rest) < length:
                    rest += received(stream)
                out.append(f"{path} {(time.monotonic() - begun) * 1000:.3f}")
            time.sleep(0.002)
        with os.fdopen(writing, "w") as pipe:
            pipe.write("\n".join(out))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    os.waitpid(child, 0)
    times = {path: [] for path in paths}
    for line in lines:
        path, took = line.split()
        times[path].append(float(took))
    return times


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def main():
    binary, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 20
    site = Site(os.path.abspath(binary))
    os.sched_setaffinity(0, {CLIENT_CORE})
    failed = False
    try:
        post = site.fill()
        sent = doors(site, post)
        paths = [post, "/livez"]
        probe(site.port, paths, 2)
        quiet = probe(site.port, paths, seconds)
        bound = max(5 * percentile(quiet[post], 0.99), 10)
        print(f"quiet: page p50 {percentile(quiet[post], 0.5):.2f} ms, p99 {percentile(quiet[post], 0.99):.2f} ms; bound {bound:.1f} ms", flush=True)
        for name, targets in [*((name, [target]) for name, target in sent.items()), ("all together", list(sent.values()))]:
            attack = Attack(site, targets, CLIENTS * len(targets))
            time.sleep(1)
            times = probe(site.port, paths, seconds)
            answers = attack.stop()
            page, live = percentile(times[post], 0.99), max(times["/livez"])
            met = page <= bound and live <= 50
            failed |= not met
            verdict = "met" if met else "NOT MET"
            print(f"{name}: page p99 {page:.2f} ms, /livez max {live:.1f} ms of {len(times['/livez'])}: {verdict}   ({answers})", flush=True)
    finally:
        site.stop()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
