"""One measurement, and rounds of them in turn."""

import collections
import json
import re
import statistics
import subprocess
import sys

# What is asked of whom. `name` is the server's in tables.
Target = collections.namedtuple("Target", "name server url headers expect", defaults=((), 200))


class Failed(Exception):
    pass


class Meter:
    def __init__(self, load, options):
        self.load = load
        self.options = options

    def measure(self, target, *extra, connections=None):
        """What the load client says, with the processor time that the server took for each answer."""
        connections = connections or self.options.connections
        command = [self.load, target.url, "--connections", str(connections), "--seconds", str(self.options.seconds),
                   "--expect", str(target.expect), *extra]
        for header in target.headers:
            command += ["--header", header]
        before = target.server.cpu_seconds()
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"the load client failed on {target.name}: {done.stderr}")
        figures = json.loads(done.stdout)
        spent = target.server.cpu_seconds() - before
        figures["cpu_us"] = round(spent * 1e6 / figures["answers"], 2) if figures["answers"] else None
        target.server.cut_log()
        return figures

    def rounds(self, title, targets, *extra, connections=None):
        """Every target in every round, and another first each time: what slows the machine down for a while slows
        them all, and only ratios within a round are looked at."""
        taken = {target.name: [] for target in targets}
        for number in range(self.options.rounds):
            shift = number % len(targets)
            for target in targets[shift:] + targets[:shift]:
                taken[target.name].append(self.measure(target, *extra, connections=connections))
            said = ", ".join(f"{name} {figures[-1]['rps']:,.0f}/s" for name, figures in taken.items())
            print(f"{title}, round {number + 1}: {said}", file=sys.stderr, flush=True)
        return taken


def wrk(target, connections, seconds):
    """Requests a second as wrk counts them."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    for header in target.headers:
        command += ["-H", header]
    said = subprocess.run([*command, target.url], capture_output=True, text=True, check=True).stdout
    target.server.cut_log()
    return float(re.search(r"Requests/sec:\s*([0-9.]+)", said)[1])


def summary(taken, base=None):
    """Medians of the rounds; with `base`, also the ratio to it, round by round."""
    summed = {}
    for name, figures in taken.items():
        line = {key: median(figures, key) for key in ("rps", "p50_us", "p99_us", "max_us", "cpu_us")}
        line["errors"] = sum(f["errors"] for f in figures)
        if base and name != base:
            line["of"] = base
            line["ratio"] = {key: spread(figures, taken[base], key) for key in ("rps", "p99_us", "cpu_us")}
        summed[name] = line
    return summed


def median(figures, key):
    values = [f[key] for f in figures if f[key] is not None]
    return statistics.median(values) if values else None


def spread(figures, base, key):
    ratios = [a[key] / b[key] for a, b in zip(figures, base) if a[key] and b[key]]
    if not ratios:
        return None
    return {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}
