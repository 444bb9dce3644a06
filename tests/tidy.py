#!/usr/bin/env python3
"""clang-tidy with a memory: what was found clean once is not looked at again until something in it changes.

    tests/tidy.py all                 every .cpp of the build
    tests/tidy.py changed [BASE]      those that differ from BASE, or include a header that does; then the others
                                      that were never looked at, as far as the time goes (TIDY_SECONDS, 0)
    tests/tidy.py files FILE …        these

BASE is a git revision; default: where the branch left origin/main, else the commit before. TIDY_BUILD is the
folder with compile_commands.json (build/dev). Two run at once (TIDY_JOBS).

A result is kept under ${XDG_CACHE_HOME:-~/.cache}/orama/tidy by the hash of the preprocessed file with its
comments (NOLINT is one), the flags, .clang-tidy and clang-tidy's version, so it holds in any clone. Only clean
results are kept. An unchanged file costs its preprocessing.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("TIDY_BUILD", "build/dev")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orama" / "tidy"
TIDY = "clang-tidy-19"
KEPT_DAYS = 60
LINE_MARKER = re.compile(rb'^# \d+ "([^"]+)"', re.MULTILINE)


def output_of(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def compile_commands():
    """{path from the root: (folder, arguments)} of every source of ours; generated ones are not ours to judge."""
    listing = BUILD / "compile_commands.json"
    if not listing.exists():
        sys.exit(f"tidy: {listing} is missing: cmake --preset dev")
    commands = {}
    for entry in json.loads(listing.read_text()):
        path = Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build"):
            arguments = shlex.split(entry["command"])
            if Path(arguments[0]).name == "ccache":
                del arguments[0]
            commands[str(path.relative_to(ROOT))] = (entry["directory"], arguments)
    return commands


def preprocessor_arguments(arguments):
    """The same command, stopped after preprocessing, without its outputs."""
    kept, skip = [], False
    for argument in arguments:
        if skip:
            skip = False
        elif argument in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif argument not in ("-c", "-MD", "-MMD"):
            kept.append(argument)
    return kept + ["-E", "-C"]


class Look:
    """One file as it is now: its key, and which of our files it is made of."""

    def __init__(self, path, command, base_key):
        self.path = path
        folder, arguments = command
        run = subprocess.run(preprocessor_arguments(arguments), cwd=folder, capture_output=True, check=False)
        self.problem = run.stderr.decode(errors="replace") if run.returncode != 0 else ""
        root = str(ROOT).encode()
        text = run.stdout.replace(root, b".")
        flags = " ".join(arguments).replace(str(ROOT), ".").encode()
        self.key = hashlib.sha256(base_key + flags + b"\0" + text).hexdigest()
        self.parts = {name[2:].decode() for name in set(LINE_MARKER.findall(text)) if name.startswith(b"./")}

    def is_known(self):
        kept = CACHE / self.key[:2] / self.key
        if not self.problem and kept.exists():
            os.utime(kept)
            return True
        return False

    def remember(self):
        kept = CACHE / self.key[:2] / self.key
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch()


def check(look):
    """"" when clean, else what clang-tidy said."""
    if look.problem:
        return look.problem
    run = subprocess.run([TIDY, "-p", str(BUILD), "--quiet", look.path], cwd=ROOT, capture_output=True, text=True,
                         check=False)
    if run.returncode == 0:
        look.remember()
        return ""
    noise = re.compile(r"^\d+ warnings? (generated|treated)|^Suppressed ")
    lines = [line for line in (run.stdout + run.stderr).splitlines() if not noise.match(line)]
    return "\n".join(lines) or f"{look.path}: {TIDY} exits with {run.returncode}"


def changed_files(base):
    if not base:
        for candidate in (("git", "merge-base", "HEAD", "origin/main"), ("git", "rev-parse", "HEAD~1")):
            found = subprocess.run(candidate, cwd=ROOT, capture_output=True, text=True, check=False)
            base = found.stdout.strip()
            if found.returncode == 0 and base != output_of("git", "rev-parse", "HEAD").strip():
                break
        else:
            return set()  # a single commit: nothing to differ from
    names = output_of("git", "diff", "--name-only", base).splitlines()
    return set(names + output_of("git", "ls-files", "--others", "--exclude-standard").splitlines())


def forget_old_results():
    for kept in CACHE.glob("??/*"):
        if time.time() - kept.stat().st_mtime > KEPT_DAYS * 86400:
            kept.unlink(missing_ok=True)


def main(arguments):
    mode = arguments[0] if arguments else "changed"
    if mode not in ("all", "changed", "files"):
        print(__doc__, file=sys.stderr)
        return 2
    commands = compile_commands()
    if mode == "files":
        wanted = [os.path.relpath(Path(name).resolve(), ROOT) for name in arguments[1:]]
        missing = [name for name in wanted if name not in commands]
        if missing:
            print(f"tidy: {missing[0]} is compiled by no target of {BUILD}", file=sys.stderr)
            return 2
        commands = {name: commands[name] for name in wanted}
    changed = changed_files(arguments[1] if len(arguments) > 1 else "") if mode == "changed" else set(commands)
    base_key = output_of(TIDY, "--version").encode() + (ROOT / ".clang-tidy").read_bytes() + b"\0"
    started = time.monotonic()
    budget = float(os.environ.get("TIDY_SECONDS", "0"))
    jobs = int(os.environ.get("TIDY_JOBS", "2"))

    with ThreadPoolExecutor(jobs) as pool:
        looks = list(pool.map(lambda item: Look(*item, base_key), sorted(commands.items())))
        unknown = [look for look in looks if not look.is_known()]
        must = [look for look in unknown if mode != "changed" or changed & ({look.path} | look.parts)]
        rest = [look for look in unknown if look not in must]

        def check_in_time(look):
            return None if time.monotonic() - started > budget else check(look)

        failures, left = 0, 0
        for said in pool.map(check, must):
            failures += bool(said)
            print(said, end="\n" if said else "", flush=True)
        for said in pool.map(check_in_time, rest):
            left += said is None
            failures += bool(said)
            print(said or "", end="\n" if said else "", flush=True)

    forget_old_results()
    later = f", {left} unchanged ones left for `tests/lint.sh all`" if left else ""
    print(f"tidy: {len(looks)} files: {len(looks) - len(unknown)} known to be clean, "
          f"{len(unknown) - left} looked at, {failures} with findings{later}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
