#!/usr/bin/env python3
"""The engines grow and shrink with the cluster: two hosts, then three, whose caches restart one at a time, data across
them, one cut off and all three apart and healed, and a removed one that is nobody's member and comes back as another.
The tests run in order on one set of hosts. --cut is for how many seconds."""

import threading
import time
import unittest

import engine_checks
import engine_look
import node
from cluster import Cluster, unix_time
from engine_look import EngineError, engines_of, refused, wait_engines_whole
from lab import Lab, wait_for
from watch import admin, reached

CUT, HEALED_WITHIN = 60, 30
PORTS = (3320, 3322, 4001, 5001, 7001, 9094, 9096, 10000, 10001)


class CacheWatch:
    """When the cache of each host could not be reached, until stop(): `gaps`, a list of (from, to, host's name)."""

    def __init__(self, hosts):
        self.gaps, self._stop = [], threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(host,), daemon=True) for host in hosts]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return sorted(self.gaps)

    def _run(self, host):
        lost = None
        while not self._stop.is_set():
            try:
                engines_of(host).cache("PING", timeout=2)
                serves = True
            except EngineError as error:
                serves = "refused" not in str(error)
            if not serves and lost is None:
                lost = time.time()
            if serves and lost is not None:
                self.gaps.append((lost, time.time(), host.name))
                lost = None
            self._stop.wait(0.03)


class EnginesGrow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.hosts = []  # as raised; those of the cluster are in it

    def setUp(self):
        wait_engines_whole(self.cluster.hosts, 90)  # also after a test that failed

    def whole(self, within=60):
        took = wait_engines_whole(self.cluster.hosts, within)
        print(f"\nevery engine of {len(self.cluster.hosts)} hosts is one cluster; waited {took:.1f} s", flush=True)

    def raise_host(self, name, number):
        self.hosts.append(self.cluster.raise_host(name, number))
        return self.hosts[-1]

    def test_01_two_hosts(self):
        self.hosts.append(self.cluster.genesis())
        self.whole()
        self.assertEqual(engine_look.lacking(self.hosts), "")
        self.cluster.join(self.raise_host("node2", 12))
        # before its `confirm`, so now; the others' pinning hears of it by the next announcement
        self.assertEqual(engine_look.members_lacking(self.hosts, but={"pinning"}), "")
        self.whole()
        self.assertEqual([engines_of(h).cache_quorum() for h in self.hosts], [1, 1])

    def test_02_at_the_third_the_caches_restart_one_at_a_time(self):
        third = self.raise_host("node3", 13)
        watch = CacheWatch(self.hosts[:2])
        self.cluster.join(third)
        self.assertEqual(engine_look.members_lacking(self.hosts, but={"cache", "pinning", "registry", "database"}), "")
        self.whole()
        gaps = watch.stop()
        ready = next(unix_time(n["joined_at"]) for n in admin(third, "GET", "/admin/nodes")[1]["nodes"] if n["name"] == "node3")
        print("\n".join(f"cache of {name} away from {begun - ready:.2f} to {ended - ready:.2f} s after the confirm"
                        for begun, ended, name in gaps), flush=True)
        self.assertEqual(sorted(name for _, _, name in gaps), ["node1", "node2"])
        self.assertGreater(gaps[0][0], ready - 1, "restarted before the third was a member")
        self.assertGreater(gaps[1][0], gaps[0][1], "both were away at once")
        self.assertEqual([engines_of(h).cache_quorum() for h in self.hosts], [2, 2, 2])

    def test_03_what_one_host_takes_all_have(self):
        engine_checks.check_data(self.hosts, "three")

    def test_04_the_leader_of_the_database_cut_off(self):
        leader = engines_of(self.hosts[0]).database_leader()
        gone = next(h for h in self.hosts if engines_of(h).node_id() == leader)
        engine_checks.check_cut(gone, self.hosts, CUT, HEALED_WITHIN)

    def test_05_all_three_apart(self):
        started = time.monotonic()
        try:
            for host in self.hosts:
                engine_checks.cut_off(host, self.hosts[self.hosts.index(host):])
            for host in self.hosts:
                wait_for(f"the cache of {host.name} refuses", lambda h=host: engine_checks.refuses(h), 45)
                print(refused(engines_of(host).execute, "INSERT INTO cut VALUES ('apart')"), flush=True)
            time.sleep(max(0.0, CUT - (time.monotonic() - started)))  # what is tested, and not a wait for something
        finally:
            self.lab.unblock()
        took = wait_engines_whole(self.hosts, HEALED_WITHIN)
        print(f"\nthree apart for {CUT} s are one cluster {took:.1f} s after it", flush=True)
        self.assertNotIn("apart", engine_checks.cut_rows(self.hosts[0], "weak"))
        engine_checks.check_data(self.hosts, "healed")

    def test_06_a_removed_one_is_a_member_of_none(self):
        first, gone = self.hosts[0], self.hosts[2]
        type(self).identities = self.identities_of(gone)
        address = engines_of(gone).mesh_ip()
        first.run(["orama", "node", "remove", "node3", "--yes"]).check()
        self.cluster.hosts.remove(gone)
        self.whole()  # two members of each, and nobody else
        self.assertEqual([engines_of(h).cache_quorum() for h in self.cluster.hosts], [1, 1])
        for host in self.cluster.hosts:
            self.assertEqual(reached(host, [(address, port) for port in PORTS]), [], host.name)
            shown = host.run(["orama", "node", "list", "--json"]).check().out
            self.assertNotIn(self.identities["storage"], shown)
        others = [(engines_of(h).mesh_ip(), port) for h in self.cluster.hosts for port in PORTS]
        self.assertEqual(reached(gone, others), [])
        engine_checks.check_data(self.cluster.hosts, "two")

    def test_07_it_comes_back_as_another(self):
        back = self.hosts[2]
        back.run(["orama", "uninstall", "--purge", "--yes"]).check()
        self.cluster.join(back)
        self.whole()
        now = self.identities_of(back)
        for what, value in self.identities.items():
            self.assertNotEqual(now[what], value, what)
        engine_checks.check_data(self.cluster.hosts, "back")

    @staticmethod
    def identities_of(host):
        own = engines_of(host)
        return {"node": own.node_id(), "mesh": own.mesh_ip(), "storage": own.storage_peer(), "pinning": own.pinning_peer()}


def _options(parser):
    parser.add_argument("--cut", type=int, default=CUT, help="seconds that hosts are cut off")


def _configure(arguments):
    global CUT
    CUT = arguments.cut


if __name__ == "__main__":
    node.main(__doc__, _options, _configure)
