#!/usr/bin/env python3
"""The engines' own traps (design: engines-storage.md) on three hosts: a cache and a pin of one that started alone, what a
killed one leaves behind, connections that a storage node forgets, its limit that an operator edits, and secrets that
are not there. The tests run in order on one set of hosts."""

import contextlib
import re
import secrets
import time
import unittest

import engine_checks
import node
from cluster import Cluster
from engine_look import EngineError, UNITS, engines_of, wait_engines_whole
from lab import Lab, wait_for

SEEN_WITHIN = 30
STATE = "/var/lib/orama"
# What a start must not do without: unit → its credentials that are asked for.
CREDENTIALS = {"cache": ["olric-password"], "storage": ["ipfs.key", "ipfs-swarm.key"], "database": ["databases.key"],
               "pinning": ["ipfs-cluster.key", "ipfs-cluster-secret", "ipfs-cluster-rest-password"]}


class EngineFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.hosts = cls.cluster.three_members()
        wait_engines_whole(cls.hosts, 60)

    def whole(self, within=60):
        took = wait_engines_whole(self.hosts, within)
        print(f"\nwhole after {took:.1f} s", flush=True)

    @staticmethod
    def systemctl(verb, engine, hosts):
        for host in hosts:
            host.run(["systemctl", verb, UNITS[engine]]).check()

    # ---- started alone ----

    def test_01_caches_that_start_one_after_the_other_find_each_other(self):
        self.systemctl("stop", "cache", self.hosts)
        first, second, third = self.hosts
        self.systemctl("start", "cache", [first])
        wait_for("one alone refuses", lambda: engine_checks.refuses(first), 30)
        time.sleep(15)  # what is tested, and not a wait for something: it has given up to look for others
        self.assertTrue(engine_checks.refuses(first))
        self.systemctl("start", "cache", [second])
        begun = time.monotonic()
        wait_for("two serve", lambda: engine_checks.serves([first, second]), SEEN_WITHIN)
        print(f"\ntwo serve {time.monotonic() - begun:.1f} s after the start of the second", flush=True)
        self.systemctl("start", "cache", [third])
        self.whole(SEEN_WITHIN)

    def test_02_pins_of_one_that_started_alone_are_seen_by_later_ones(self):
        first, *rest = self.hosts
        self.systemctl("stop", "pinning", self.hosts)
        self.systemctl("start", "pinning", [first])
        own = engines_of(first)
        wait_for("it answers", lambda: _peers(own) == {own.pinning_peer()}, 30)
        cid = own.add(secrets.token_bytes(200_000))
        own.pin(cid)
        wait_for("it has pinned", lambda: own.pin_states(cid).get(first.name) == "pinned", 30)
        time.sleep(15)  # what is tested: its announcement is long past
        self.systemctl("start", "pinning", rest)
        begun = time.monotonic()
        engine_checks.wait_pinned(self.hosts, {cid}, SEEN_WITHIN)
        print(f"\nseen and pinned by later ones after {time.monotonic() - begun:.1f} s", flush=True)
        self.whole()

    def test_03_pins_made_while_one_was_away(self):
        away, *rest = self.hosts
        self.systemctl("stop", "pinning", [away])
        cids = {engines_of(host).add(secrets.token_bytes(100_000)) for host in rest for _ in range(5)}
        for cid in cids:
            engines_of(rest[0]).pin(cid)
        self.systemctl("start", "pinning", [away])
        begun = time.monotonic()
        engine_checks.wait_pinned(self.hosts, cids, SEEN_WITHIN)
        print(f"\n{len(cids)} pins made while it was away are held after {time.monotonic() - begun:.1f} s", flush=True)

    def test_04_storage_finds_its_members_again_after_a_restart(self):
        """From its configuration: what it was told at run time it forgets. The agent, which would tell it, is down."""
        third = self.hosts[2]
        self.systemctl("stop", "agent", [third])
        try:
            self.systemctl("restart", "storage", [third])
            others = {engines_of(host).storage_peer() for host in self.hosts[:2]}
            wait_for("its peerings", lambda: _or_none(engines_of(third).storage_peerings) == others, 20)
            wait_for("its connections", lambda: _or_none(engines_of(third).storage_peers) == others, SEEN_WITHIN)
        finally:
            self.systemctl("start", "agent", [third])
        self.whole()

    # ---- what is left behind ----

    def test_05_what_a_killed_one_leaves_stops_no_start(self):
        host = self.hosts[1]
        left = {"storage": ["ipfs/repo.lock", "ipfs/api"], "pinning": ["ipfs-cluster/cluster.lock"], "cache": [], "database": []}
        for engine, files in left.items():
            unit, before = UNITS[engine], host.pid_of(UNITS[engine])
            host.run(["systemctl", "kill", "-s", "KILL", unit]).check()
            for file in files:
                self.assertTrue(host.exists(f"{STATE}/{file}"), f"{file} is gone: nothing is tested")
            wait_for(f"{unit} runs again", lambda u=unit, b=before: host.pid_of(u) not in (0, b), 30)
        self.whole()

    def test_06_files_of_a_killed_one_that_mislead(self):
        host = self.hosts[1]
        self.systemctl("stop", "storage", [host])
        self.systemctl("stop", "pinning", [host])
        for file, text in (("ipfs/api", "/ip4/127.0.0.1/tcp/9"), ("ipfs/repo.lock", ""), ("ipfs/config", "{"), ("ipfs/swarm.key", "x"),
                           ("ipfs-cluster/cluster.lock", ""), ("ipfs-cluster/service.json", "{"),
                           ("ipfs-cluster/peerstore", "/ip4/203.0.113.66/tcp/9096/p2p/12D3KooWNobody\n")):
            user = f"orama-{file.split('/')[0]}"
            host.write(f"{STATE}/{file}", text)
            host.run(["chown", f"{user}:{user}", f"{STATE}/{file}"]).check()
        self.systemctl("start", "storage", [host])
        self.systemctl("start", "pinning", [host])
        self.whole()
        self.assertIn("/tcp/4501", host.read(f"{STATE}/ipfs/api"))

    # ---- what an operator edits ----

    def test_07_the_limit_of_the_storage_is_an_operators(self):
        host, path = self.hosts[0], f"{STATE}/ipfs/storage-max"
        before = host.read(path)
        self.assertRegex(before, r"^\d+\n$")
        host.write(path, "1234567890\n")
        self.systemctl("restart", "storage", [host])
        wait_for("it answers", lambda: _or_none(lambda: engines_of(host).storage("repo/stat?size-only=true")), 30)
        self.assertIn(b'"StorageMax":1234567890', engines_of(host).storage("repo/stat?size-only=true"))
        for bad in ("much\n", "0\n", "-5\n", "12 GB\n", "", "99999999999999999999\n"):
            host.write(path, bad)
            told = self.told_at_a_start(host, "storage", "storage-max")
            self.assertRegex(told, "storage-max: expected a number of bytes above 0", repr(bad))
            self.assertRegex(told, "write one, or remove the file", repr(bad))
        host.write(path, before)
        self.whole()  # by itself: the unit is tried again

    # ---- what is not there ----

    def test_08_a_secret_that_is_missing(self):
        """systemd refuses the start, and says so without naming the file; the engine is back once the file is."""
        host = self.hosts[2]
        for engine, name in ((engine, name) for engine, names in CREDENTIALS.items() for name in names):
            with self.changed_secret(host, name, None):
                told = self.told_at_a_start(host, engine, "redential")
                self.assertIn("Failed to set up credentials", told, name)
                self.assertNotEqual(host.active(UNITS[engine]), "active")
        self.whole()

    def test_09_a_secret_that_is_no_key(self):
        host = self.hosts[2]
        for bad, why in (("", "found 0 bytes, expected 32"), ("?!", "the credential ipfs.key: found 2 characters"),
                         ("AAAA", "found 3 bytes, expected 32")):
            with self.changed_secret(host, "ipfs.key", bad):
                self.assertIn(why, self.told_at_a_start(host, "storage", "preparing the start of ipfs"), repr(bad))
        self.whole()

    @contextlib.contextmanager
    def changed_secret(self, host, name, text):
        path = f"/etc/orama/secrets/{name}"
        host.run(["cp", "-a", path, path + ".kept"]).check()
        try:
            if text is None:
                host.run(["rm", path]).check()
            else:
                host.write(path, text)
            yield
        finally:
            host.run(["mv", path + ".kept", path]).check()

    def told_at_a_start(self, host, engine, word):
        """The journal of the unit since it was started again, once the word is in it."""
        host.run(["systemctl", "stop", UNITS[engine]]).check()
        begun = time.time()
        host.run(["systemctl", "start", UNITS[engine]])
        return wait_for(f"{engine} says {word}", lambda: _said(host, engine, begun, word), 20)


def _peers(engines):
    return _or_none(engines.pinning_peers)


def _or_none(look):
    try:
        return look()
    except EngineError:
        return None


def _said(host, engine, since, word):
    """What the engine's unit wrote since then, once the word is in it."""
    text = host.quick(["journalctl", "-u", UNITS[engine], "--since", f"@{int(since)}", "--no-pager", "-o", "cat"]).out
    return re.sub(r"\n+", "\n", text) if word in text else ""


if __name__ == "__main__":
    node.main(__doc__)
