"""What a reader of figures must know of the machine, and nothing that tells whose it is."""

import os
import pathlib
import platform
import re
import subprocess


def facts():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {
        "processors": os.cpu_count(),
        "model": cpu[1].strip() if cpu else platform.machine(),
        "virtual": "hypervisor" in pathlib.Path("/proc/cpuinfo").read_text(),
        "memory_gib": round(int(memory[1]) / 1024 / 1024, 1),
        # Without the part after the numbers, which builders name.
        "kernel": "Linux " + re.match(r"[0-9.]+", platform.release())[0],
        "postgres": version(["psql", "--version"], r"\d[\d.]*"),
        "nginx": version(["nginx", "-v"], r"\d[\d.]*"),
        "rustc": version(["rustc", "--version"], r"\d[\d.]*"),
        "load_average": round(os.getloadavg()[0], 2),
    }


def version(command, pattern):
    try:
        said = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return None
    found = re.search(pattern, said.stdout + said.stderr)
    return found[0] if found else None
