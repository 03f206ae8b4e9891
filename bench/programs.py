"""The programs that take part: built here, or given."""

import json
import os
import pathlib
import shutil
import subprocess


class Failed(Exception):
    pass


class Programs:
    def __init__(self, masthead, tools, profile):
        self.masthead = masthead
        self.bare = tools and tools / "bare"
        self.load = tools and tools / "load"
        self.profile = profile
        for program in filter(None, (self.masthead, self.bare, self.load)):
            if not os.access(program, os.X_OK):
                raise Failed(f"{program} is no program")

    def facts(self):
        version = subprocess.run([self.masthead, "--version"], capture_output=True, text=True, check=True)
        return {"version": version.stdout.strip(), "profile": self.profile}


def find(options, root):
    """Absolute paths, since servers are started elsewhere."""
    masthead, tools = options.binary, options.tools
    if masthead is None:
        masthead = build(root, options.profile, ["--bin", "masthead"]) / "masthead"
    if options.million:
        return Programs(masthead.resolve(), None, "given" if options.binary else options.profile)
    if tools is None:
        # Apart from the program, which must not get features that only examples ask of its dependencies.
        tools = build(root, options.profile, ["--example", "bare", "--example", "load"]) / "examples"
    return Programs(masthead.resolve(), tools.resolve(), "given" if options.binary else options.profile)


def build(root, profile, what):
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"SQLX_OFFLINE": "true"}
    cargo = shutil.which("cargo") or str(pathlib.Path.home() / ".cargo/bin/cargo")
    command = [cargo, "build", "--locked", "--profile", profile, *what]
    if subprocess.run(command, cwd=root, env=environment).returncode != 0:
        raise Failed("cargo could not build")
    asked = subprocess.run([cargo, "metadata", "--format-version", "1", "--no-deps", "--offline"],
                           cwd=root, capture_output=True, text=True, check=True)
    return pathlib.Path(json.loads(asked.stdout)["target_directory"]) / profile
