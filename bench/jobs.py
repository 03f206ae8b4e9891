#!/usr/bin/env python3
"""How many jobs a second are enqueued and done, of one program or of several in turn.

    bench/jobs.py PROGRAM [PROGRAM …] [--jobs 20000] [--rounds 3] [--seconds 5]

Each round asks every program, and begins with another one. Enqueued: eight sessions, each of which writes a row of its own and the
two purges of an edit, and commits, by pgbench on the private database, while no worker runs. Done: purges that wait, and a cache
(nginx) that takes each at once; the time counts from the first that is done. A program of before the table `jobs` keeps its jobs
in the schema graphile_worker; both are known here, so that the two can be compared.
"""

import argparse
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import content
import servers

SESSIONS = 8
PAYLOAD = """'{"tags": ["post-0192", "author-0192", "front"], "hard": false, "transaction_id": null, "correlation_id": null}'"""
NOTE = "create schema if not exists bench; create table if not exists bench.note (said text)"

OURS = {
    "enqueue": f"insert into jobs (kind, payload, priority, max_attempts, run_at)"
               f" select 'cdn.purge', {PAYLOAD}, 0, 12, clock_timestamp() + wait from unnest('{{0s,5s}}'::interval[]) as wait;",
    "fill": f"insert into jobs (kind, payload, max_attempts, run_at)"
            f" select 'cdn.purge', {PAYLOAD}, 12, now() from generate_series(1, :count)",
    "left": "select count(*) from jobs where kind = 'cdn.purge'",
    "empty": "truncate jobs",
}
LIBRARY = {
    "enqueue": f"insert into graphile_worker._private_jobs (task_id, payload, max_attempts, run_at)"
               f" select id, {PAYLOAD}, 12, clock_timestamp() + wait"
               f" from graphile_worker._private_tasks, unnest('{{0s,5s}}'::interval[]) as wait where identifier = 'cdn.purge';",
    "fill": f"insert into graphile_worker._private_jobs (task_id, payload, max_attempts, run_at)"
            f" select id, {PAYLOAD}, 12, now() from graphile_worker._private_tasks, generate_series(1, :count)"
            f" where identifier = 'cdn.purge'",
    "left": "select count(*) from graphile_worker.jobs where task_identifier = 'cdn.purge'",
    "empty": "insert into graphile_worker._private_tasks (identifier) values ('cdn.purge') on conflict do nothing;"
             " truncate graphile_worker._private_jobs cascade",
}
NGINX = """
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log stderr error;
events {{ worker_connections 100; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200; }} }}
}}
"""


def cache(work):
    """Something in front that takes every purge."""
    port = servers.free_port()
    configuration = work / "nginx.conf"
    configuration.write_text(NGINX.format(dir=work, port=port))
    command = [servers.nginx_program(), "-c", configuration, "-e", "stderr", "-p", work]
    return servers.Nginx("nginx", command, port, work / "nginx.log")


def statements(data):
    return OURS if content.ask(data, "select to_regclass('public.jobs') is not null") == "t" else LIBRARY


def enqueued(data, work, seconds):
    script = work / "enqueue.sql"
    script.write_text("begin;\ninsert into bench.note values ('something');\n" + statements(data)["enqueue"] + "\ncommit;\n")
    pgbench = shutil.which("pgbench") or sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"))[-1]
    command = [pgbench, "-n", "-M", "prepared", "-c", SESSIONS, "-j", "2", "-T", seconds, "-f", script,
               "-h", content.socket_dir(data), "-U", "postgres", "masthead"]
    said = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True,
                          env=servers.own_environment()).stdout
    return 2 * float(next(line for line in said.splitlines() if line.startswith("tps")).split()[2])


def done(data, count):
    sql = statements(data)
    content.ask(data, sql["fill"], count=count)
    left = lambda: int(content.ask(data, sql["left"]))
    while (first := left()) == count:
        time.sleep(0.01)
    began = time.monotonic()
    while left() > 0:
        time.sleep(0.05)
    return first / (time.monotonic() - began)


def measure(program, work, url, options):
    # Of its own, also where two programs have one name: a database that the newer one has migrated is refused by the older.
    data = work / f"{options.programs.index(program)}-{program.name}"
    settings = {"MASTHEAD_CDN": "varnish", "MASTHEAD_CDN_URL": url}
    with servers.masthead(program, data, settings | {"MASTHEAD_JOBS": "external"}):
        content.ask(data, f"{NOTE}; truncate bench.note; {statements(data)['empty']}")
        added = enqueued(data, work, options.seconds)
        content.ask(data, f"{statements(data)['empty']}; checkpoint")
    with servers.masthead(program, data, settings):
        return added, done(data, options.jobs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="+", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--jobs", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="masthead-jobs-"))
    # The private database runs as another user when root measures, and must be able to enter.
    work.chmod(0o755)
    found = {program: [] for program in options.programs}
    try:
        with cache(work) as purged:
            for number in range(options.rounds):
                turn = number % len(options.programs)
                for program in options.programs[turn:] + options.programs[:turn]:
                    added, ended = measure(program, work, purged.url("/"), options)
                    found[program].append((added, ended))
                    print(f"{program.name:24} {added:8,.0f} enqueued/s {ended:8,.0f} done/s", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for program, rounds in found.items():
        added, ended = (statistics.median(values) for values in zip(*rounds))
        print(f"median of {program.name}: {added:,.0f} enqueued/s, {ended:,.0f} done/s")


if __name__ == "__main__":
    sys.exit(main())
