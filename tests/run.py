#!/usr/bin/env python3
"""Runs orama's test tiers (docs/testing.md) and ends with the line `N passed, N failed`.

    tests/run.py test              what every change must pass
    tests/run.py test-all [PART]   every part in full, or one of them; `list` names them

Each part is one command whose exit status decides; its output is kept in build/test-logs/<part>.log and
shown when it fails. SEED (environment) chooses the samples of the matrices; it is printed.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test-logs"


def build(preset):
    """Configure and compile one preset."""
    return [["cmake", "--preset", preset], ["cmake", "--build", f"build/{preset}"]]


def ctest(preset, labels):
    return ["ctest", "--test-dir", f"build/{preset}", "-L", labels, "--output-on-failure", "--no-tests=error"]


def e2e(*arguments):
    return ["python3", "tests/e2e/run.py", "--orama", "build/dev/cli/orama", *arguments]


def system(name, *arguments):
    return ["python3", f"tests/system/{name}.py", *arguments]


# part: (what it holds, commands). Order matters: what fails fastest comes first.
EVERY_CHANGE = {
    "build-dev": ("compiles with warnings as errors", build("dev")),
    "lint": ("format, clang-tidy on what changed", [["tests/lint.sh", "changed"]]),
    "build-asan": ("compiles with sanitizers and fuzz targets", build("asan")),
    "unit": ("unit tests under ASan+UBSan, allowed arrows", [ctest("asan", "unit|architecture")]),
    "fuzz": ("each fuzz target on its corpus and 10 s more", [["tests/fuzz/run.sh", "build/asan", "10"]]),
    "packages": ("the .debs, lintian", [["packaging/build.sh"]]),
    "integration": ("the gateway with real engines", [ctest("dev", "integration")]),
    "install": ("the packages on a bare Debian 12 host, end to end", [system("install_main")]),
    "join": ("three bare hosts become one cluster, engines and all", [system("join_main")]),
    "edge": ("firewall and Caddy on real hosts: a sample", [system("edge", "--sample")]),
    "dev": ("make dev with two nodes, end to end", [e2e("--nodes", "2")]),
    "kill": ("kill -9 during an install: a sample of the matrix", [system("kill_matrix", "--sample")]),
}

IN_FULL = {
    "lint": ("the whole tree", build("dev") + [["tests/lint.sh", "all"]]),
    "gcc": ("the second compiler", build("gcc")),
    "unit": ("unit tests under ASan+UBSan", build("asan") + [ctest("asan", "unit|architecture")]),
    "tsan": ("unit tests under ThreadSanitizer", build("tsan") + [ctest("tsan", "unit")]),
    "fuzz": ("60 s a fuzz target", build("asan") + [["tests/fuzz/run.sh", "build/asan", "60"]]),
    "integration": ("the gateway with real engines", build("dev") + [ctest("dev", "integration")]),
    "join-contention": ("1,000 hosts and one invitation, 20 rounds", build("dev") + [ctest("dev", "contention")]),
    "install": ("Debian 12, end to end", [["packaging/build.sh"], system("install_main")]),
    "debian13": ("Debian 13, end to end", [["packaging/build.sh"], system("install_main", "--suite", "trixie")]),
    "join": ("three hosts become one cluster", [["packaging/build.sh"], system("join_main", "--full", "--wait", "60")]),
    "engines": ("they grow and shrink with the cluster, heal after cuts", [["packaging/build.sh"], system("engines")]),
    "engines-faults": ("their own traps", [["packaging/build.sh"], system("engines_faults")]),
    "engines-kill": ("each killed ten times on each of three hosts", [["packaging/build.sh"], system("engines_kill")]),
    "engines-quiet": ("ten minutes of all that a node sends", [["packaging/build.sh"], system("engines_quiet")]),
    "join-faults": ("nodes lost, healed, revoked, recovered by hand", [["packaging/build.sh"], system("join_faults")]),
    "join-members": ("five nodes: joins, B9, removals, returns", [["packaging/build.sh"], system("join_members")]),
    "join-leave": ("how nodes go", [["packaging/build.sh"], system("join_leave")]),
    "join-paths": ("joins over bad paths and on bad hosts", [["packaging/build.sh"], system("join_paths")]),
    "join-vm": ("a machine with the kernel's WireGuard joins containers", [["packaging/build.sh"], system("join_vm")]),
    "engines-vm": ("a host of 1 GiB runs all of a node", [["packaging/build.sh"], system("engines_vm")]),
    "dev": ("make dev with five nodes, end to end, killed while it comes up", build("dev") + [e2e("--full")]),
    "edge": ("firewall and Caddy on real hosts", [["packaging/build.sh"], system("edge")]),
    "kill": ("the whole kill matrix", [["packaging/build.sh"], system("kill_matrix")]),
    "join-kill": ("the whole kill matrix of the join", [["packaging/build.sh"], system("join_kill")]),
    "join-mitm": ("a man in the middle of a join", [["packaging/build.sh"], system("join_mitm")]),
    "faults": ("bad hosts and bad input", [["packaging/build.sh"], system("faults")]),
    "restart": ("gateway restarts under load through Caddy", [["packaging/build.sh"], system("restart_load")]),
    "bench": ("benchmarks with their peers", [["python3", "tests/bench/run.py"]]),
}


def run_part(name, what, commands, environment):
    """One part; its log's last lines are shown when it fails."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    started = time.monotonic()
    print(f"-- {name}: {what}", flush=True)
    with log.open("wb") as out:
        for command in commands:
            out.write(f"$ {' '.join(command)}\n".encode())
            out.flush()
            status = subprocess.run(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
                                    stdin=subprocess.DEVNULL, check=False).returncode
            if status != 0:
                break
    seconds = time.monotonic() - started
    if status == 0:
        print(f"   ok in {seconds:.0f} s", flush=True)
        return True
    print(f"   FAILED in {seconds:.0f} s (exit {status}); the end of {log.relative_to(ROOT)}:", flush=True)
    lines = log.read_text(errors="replace").splitlines()
    print("\n".join(f"   | {line}" for line in lines[-80:]), flush=True)
    return False


def main(arguments):
    tier = arguments[0] if arguments else "test"
    parts = {"test": EVERY_CHANGE, "test-all": IN_FULL}.get(tier)
    if parts is None:
        print(f"run.py: unknown tier '{tier}', expected test or test-all", file=sys.stderr)
        return 2
    wanted = arguments[1:]
    if wanted == ["list"]:
        for name, (what, _) in parts.items():
            print(f"{name:15} {what}")
        return 0
    unknown = [name for name in wanted if name not in parts]
    if unknown:
        print(f"run.py: unknown part '{unknown[0]}', expected one of {' '.join(parts)}", file=sys.stderr)
        return 2
    seed = os.environ.get("SEED") or str(random.SystemRandom().randrange(1, 1 << 31))
    environment = dict(os.environ, SEED=seed)
    print(f"seed {seed} (repeat a sample with SEED={seed})")
    passed = failed = 0
    for name, (what, commands) in parts.items():
        if wanted and name not in wanted:
            continue
        if run_part(name, what, commands, environment):
            passed += 1
        else:
            failed += 1
            if name.startswith("build-"):  # nothing after it would say anything new
                break
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
