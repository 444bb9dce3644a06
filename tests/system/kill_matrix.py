#!/usr/bin/env python3
"""kill -9 before and after the effect of every change of an install, then the same command again: the host must be
in the state of an undisturbed install. The points come from the installer itself (`orama --fault-points`, test
builds only), so one that is added later cannot be missed. --sample takes a few by SEED, which is printed."""

import concurrent.futures
import json
import os
import pathlib
import random
import re
import sys
import time
import unittest

import node
from lab import Lab

SAMPLE = 6
AT_ONCE = 2  # hosts side by side, one per core of the smallest machine that runs this
CHOICE = "all"
# What differs between any two installs: ids, and the hash in the first line of a generated file that holds one.
IDENTITY = re.compile(rb"(node_|cluster_|sha256:)[0-9a-f]{8}[0-9a-f-]{27,56}")
# Made anew by each install, or written by services as they run: compared by presence, mode and owner only.
UNIQUE = ("/etc/orama/secrets", "/var/lib/orama/agent/desired.json", "/etc/ufw", "/var/lib/caddy", "/etc/shadow", "/etc/gshadow",
          "/var/lib/orama/databases/default/users.json", "/var/lib/orama/olric", "/var/lib/orama/ipfs/config",
          "/var/lib/orama/ipfs/swarm.key", "/var/lib/orama/ipfs/storage-max", "/var/lib/orama/ipfs-cluster")
# Data of running services, logs, backups of the system's tables, and what Debian's own tools keep.
IGNORED = ("/var/lib/orama/rqlite", "/var/lib/orama/databases/default/rqlite", "/var/lib/orama/ipfs/blocks",
           "/var/lib/orama/ipfs/datastore", "/var/lib/orama/ipfs/keystore", "/var/lib/orama/ipfs/api", "/var/lib/orama/ipfs/repo.lock",
           "/var/lib/orama/ipfs-cluster/pebble", "/var/lib/orama/ipfs-cluster/cluster.lock", "/var/lib/orama/gateway", "/var/log",
           "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/var/lib/dpkg", "/var/lib/orama/install", "/etc/subuid-", "/etc/subgid-")


DESIRED = "/var/lib/orama/agent/desired.json"


def host_state(host):
    """All that an undisturbed and a resumed install must agree on, once the agent has saved what the gateway told
    it: that may come after the install's end. What does not come to rest is compared as it is."""
    end = time.monotonic() + 30
    while True:
        try:
            state = look_at(host)
            if DESIRED in state["files"] and not any(path.endswith(".orama-tmp") for path in state["files"]):
                return state
            if time.monotonic() > end:
                return state
        except FileNotFoundError:  # renamed while we looked
            if time.monotonic() > end:
                raise
        time.sleep(0.2)


def look_at(host):
    files = {}
    for path, (mode, uid, gid, body) in node.content(host, IGNORED).items():
        if path.startswith(UNIQUE):
            body = ""
        elif body and path.startswith(("/etc/orama", "/var/lib/orama", "/etc/systemd")) and not os.path.islink(f"{host.root}{path}"):
            body = IDENTITY.sub(rb"\1X", pathlib.Path(f"{host.root}{path}").read_bytes()).decode(errors="replace")
        files[path] = (mode, uid, gid, body)
    receipt = json.loads(host.read("/var/lib/orama/install/receipt.json"))
    entries = {(e["step"], e["kind"], e["target"]): (e["state"],) for e in receipt["entries"]}
    units = {unit: host.quick(["systemctl", "is-active", unit]).out + host.quick(["systemctl", "is-enabled", unit]).out
             for unit in node.UNITS + ["ufw.service", "orama-firewall-revert.timer"]}
    return {"files": files, "receipt": entries, "units": units, "outcome": {"": receipt["outcome"]},
            "firewall": {"": host.run(["ufw", "status"]).check().out},
            "mesh": {"": host.quick(["ip", "-br", "-4", "address", "show", "orama0"]).out}}


def state_difference(wanted, found):
    return [f"{part}: {line}  wanted {wanted[part].get(line[2:])!r:.200} found {found[part].get(line[2:])!r:.200}"
            if isinstance(line[2:], str) and line[2:] in wanted[part] else f"{part}: {line}"
            for part in wanted for line in _difference(wanted[part], found[part])]


def _difference(before, after):
    keyed = lambda table: {k if isinstance(k, str) else "/".join(k): v for k, v in table.items()}  # noqa: E731
    return node.difference(keyed(before), keyed(after))


class KillMatrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.template = node.bare_host(cls.lab, "template", 10, node.packages(fault_points=True))
        node.install_packages(cls.template)
        cls.template.stop()
        reference = cls.lab.host("undisturb", 11, like=cls.template, guest="node1")
        cls.points = reference.run(["orama", "--fault-points", *node.install_command(reference, "--nameserver")[1:]]).check().out.split("\n")
        cls.points = [p for p in cls.points if p]
        node.install_node(reference)
        cls.undisturbed = host_state(reference)
        # what tells two installs apart, so that the comparison can fail
        reference.shell("touch /etc/orama/intruder").check()
        cls.disturbed = host_state(reference)
        reference.destroy()

    def test_comparison_sees_a_difference(self):
        self.assertEqual(len(state_difference(self.undisturbed, self.disturbed)), 1)

    def test_killed_anywhere_a_second_run_converges(self):
        seed = os.environ.get("SEED") or str(random.SystemRandom().randrange(1, 1 << 31))
        chosen = self.points if CHOICE == "all" else random.Random(int(seed)).sample(self.points, min(SAMPLE, len(self.points)))
        print(f"\nseed {seed}: {len(chosen)} of {len(self.points)} points", flush=True)
        self.assertGreater(len(self.points), 50)
        started, failures = time.monotonic(), []
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for point, problem in zip(chosen, pool.map(self.one, range(len(chosen)), chosen)):
                print(f"  {'ok  ' if not problem else 'FAIL'} {point}{problem and ': ' + problem[-3000:]}", flush=True)
                failures += [f"{point}: {problem}"] if problem else []
        print(f"  {len(chosen)} points in {time.monotonic() - started:.0f} s", flush=True)
        self.assertFalse(failures, "\n\n".join(failures))

    def one(self, index, point):
        """Kills an install at one point; what is wrong afterwards, or "". """
        host = self.lab.host(f"k{index}", 21 + index % 200, like=self.template, guest="node1")
        try:
            # the same address everywhere: it stands in files that are compared
            command = node.install_command(host, "--nameserver")
            command[command.index(host.address)] = "203.0.113.11"
            host.quick(["ip", "addr", "add", "203.0.113.11/32", "dev", "lo"]).check()
            killed = host.run(["env", f"ORAMA_FAULT={point}", *command])
            if killed.status != 137:
                return f"was not killed there: {killed}"
            again = host.run(command)
            if again.status != 0:
                return f"the second run failed: {again}"
            return "\n".join(state_difference(self.undisturbed, host_state(host)))
        except AssertionError as error:
            return str(error)
        finally:
            host.destroy()


def configure(arguments):
    global CHOICE
    CHOICE = "sample" if arguments.sample else "all"


if __name__ == "__main__":
    node.main(__doc__, lambda parser: parser.add_argument("--sample", action="store_true"), configure)
