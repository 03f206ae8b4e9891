"""Starts and stops the servers, each on a port of its own on the loopback address."""

import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

WORKERS = 2
TICKS = os.sysconf("SC_CLK_TCK")
EARLIER_NAMES = {
    "MASTHEAD_MAX_CONNECTIONS_PER_IP": lambda value: ("MASTHEAD_CONNECTIONS_PER_ADDRESS", value),
    "MASTHEAD_JOBS": lambda value: ("MASTHEAD_JOBS", {"embedded": "inside", "external": "apart"}[value]),
}


class Failed(Exception):
    pass


class Server:
    """A running program. Leaving its context ends it, and only it."""

    def __init__(self, name, command, port, log, environment=None, ready="/"):
        self.name = name
        self.port = port
        self.log = log
        # Appended to, so that it can be cut while the program writes.
        with open(log, "ab") as file:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=file, env=environment, cwd=log.parent)
        self.wait_until(ready)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_until(self, path):
        """Any answer will do: also one that says no."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                fetch(self.url(path))
                return
            except OSError:
                time.sleep(0.05)
        last = self.log.read_text(errors="replace")[-2000:]
        self.__exit__()
        raise Failed(f"{self.name} did not start:\n{last}")

    def workers(self):
        """The processes that do the work: nginx has one a worker, the others are one."""
        return [self.process.pid]

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.workers())

    def memory_kib(self):
        """Resident memory now and at its highest."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return {name: int(fields[field].split()[0]) for name, field in (("now", "VmRSS"), ("peak", "VmHWM"))}

    def cut_log(self):
        """Fifty thousand lines a second fill disks. They have been written by then, which is what counts."""
        os.truncate(self.log, 0)


class Nginx(Server):
    def workers(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


def cpu_seconds(pid):
    # The name in the second field may hold anything, brackets and blanks included.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def fetch(url, headers=None):
    """Status, headers and bytes as they came over the wire, whatever the status."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        with opener.open(urllib.request.Request(url, headers=headers or {}), timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def as_known_to(program, settings):
    """An earlier program, to compare with, has other names for some settings, and this one refuses those."""
    if not settings.keys() & EARLIER_NAMES.keys():
        return settings
    known = subprocess.run([program, "config", "reference"], capture_output=True, text=True, env=own_environment()).stdout
    if "MASTHEAD_MAX_CONNECTIONS_PER_IP" in known:
        return settings
    return dict((EARLIER_NAMES[name](value) if name in EARLIER_NAMES else (name, value)) for name, value in settings.items())


def own_environment(settings=None):
    """Nothing that the caller has set for a site or a database of their own."""
    foreign = ("MASTHEAD_", "PG")
    kept = {k: v for k, v in os.environ.items()
            if k == "MASTHEAD_POSTGRES_BIN_DIR" or (not k.startswith(foreign) and k != "DATABASE_URL")}
    return kept | (settings or {})


def masthead(program, data, settings=None, name="masthead"):
    """Everything as by default but the places; the log goes to a file as a service manager would have it."""
    port = free_port()
    settings = {"MASTHEAD_WORKERS": str(WORKERS)} | as_known_to(program, settings or {})
    socket_dirs = urllib.parse.parse_qs(urllib.parse.urlsplit(settings.get("MASTHEAD_DATABASE_URL", "")).query).get("host", [])
    if os.geteuid() == 0 and socket_dirs:
        # Started by root it becomes another account, which has to reach the socket of that database.
        settings["MASTHEAD_RUN_AS"] = pathlib.Path(socket_dirs[0]).owner()
    command = [program, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", data]
    log = data.parent / f"{data.name}-{port}.log"
    return Server(name, command, port, log, own_environment(settings), ready="/robots.txt")


def bare_bytes(program, work, files):
    port = free_port()
    entries = [f"{f.path},{f.file},{f.content_type},{f.encoding}" for f in files]
    command = [program, "--listen", f"127.0.0.1:{port}", "--workers", WORKERS, "bytes", *entries]
    return Server("bare actix", command, port, work / "bare.log")


def bare_rows(program, work, database_url, query=None):
    port = free_port()
    command = [program, "--listen", f"127.0.0.1:{port}", "--workers", WORKERS, "rows", "--database-url", database_url,
               "--connections", 2 * WORKERS]
    if query:
        command += ["--page-query", query]
    return Server("bare, the page's query" if query else "bare actix + sqlx", command, port, work / f"rows-{port}.log")


NGINX = """
daemon off;
worker_processes {workers};
{user}
pid {dir}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=100 inactive=1h;
    open_file_cache_valid 1h;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    server {{
        listen 127.0.0.1:{port} reuseport;
{locations}
    }}
}}
"""


def nginx_program():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def nginx(work, files):
    """Stock nginx has no brotli, so each form of a page is a file, and a place says what it is."""
    port = free_port()
    folder = work / "nginx"
    folder.mkdir()
    folder.chmod(0o755)
    locations = "\n".join(location(f) for f in files)
    # The workers of root's nginx would be somebody else, who may not be able to read the files.
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(workers=WORKERS, dir=folder, port=port, locations=locations, user=user))
    return Nginx("nginx", [nginx_program(), "-p", folder, "-c", config], port, work / "nginx.log")


def location(file):
    encoding = f"add_header Content-Encoding {file.encoding}; " if file.encoding else ""
    return (f'        location = {file.path} {{ alias {file.file}; types {{ }} '
            f'default_type "{file.content_type}"; {encoding}}}')
