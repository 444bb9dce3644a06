#!/usr/bin/env python3
"""kill -9 of each engine, of the gateway and of the agent, on each of three hosts, --rounds times each, in an order and
at moments that the seed decides, under writes to both RQLite clusters, the cache and the storage: each comes back by
itself, `orama status` shows it within ten seconds, memberships are whole again without a hand, no acknowledged row is
lost, and a WireGuard peer that was made by hand loses no ping."""

import itertools
import json
import os
import random
import secrets
import threading
import time
import unittest

import engine_checks
import node
from cluster import Cluster, unix_time
from engine_look import EngineError, UNITS, engines_of, wait_engines_whole
from lab import Lab, wait_for
from pinger import Pinger, make_peer

ROUNDS = 10
SEEN_WITHIN, WHOLE_WITHIN = 10, 60
SQL = ("registry", "database")


class Load:
    """Writes until stop(): one writer for each RQLite cluster, one for the cache, one for files and pins. What was
    acknowledged is kept; what was not may have been written or not."""

    def __init__(self, hosts):
        self.hosts, self.acknowledged, self.refused, self.pins = hosts, {e: set() for e in SQL}, dict.fromkeys(UNITS, 0), set()
        for engine in SQL:
            engines_of(hosts[0]).execute("CREATE TABLE IF NOT EXISTS kills (value INTEGER PRIMARY KEY)", engine=engine)
        self._stop = threading.Event()
        jobs = [(self._rows, "registry"), (self._rows, "database"), (self._values, "cache"), (self._files, "storage")]
        self._threads = [threading.Thread(target=self._guarded, args=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, write, engine):
        turn = itertools.count()
        while not self._stop.wait(0.02 if engine != "storage" else 1.0):
            i = next(turn)
            try:
                write(engine, engines_of(self.hosts[i % len(self.hosts)]), i)
            except EngineError:
                self.refused[engine] += 1

    def _rows(self, engine, engines, i):
        engines.execute("INSERT INTO kills VALUES (?)", i, engine=engine, timeout=5)
        self.acknowledged[engine].add(i)

    def _values(self, _, engines, i):
        engines.put(f"kill-{i % 1000}", str(i))

    def _files(self, _, engines, i):
        cid = engines.add(secrets.token_bytes(50_000))
        if i % 10 == 0:
            engines.pin(cid)
            self.pins.add(cid)


class EnginesKilled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1, 1 << 31))
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.hosts = cls.cluster.three_members()
        wait_engines_whole(cls.hosts, 60)
        peer = cls.lab.host("peer", 21, like=cls.cluster.template)
        cls.pinger = Pinger(peer, make_peer(peer, cls.hosts))
        cls.load = Load(cls.hosts)

    def test_01_killed_in_turn(self):
        matrix = [(engine, host) for engine in UNITS for host in self.hosts] * ROUNDS
        chance = random.Random(self.seed)
        chance.shuffle(matrix)
        print(f"\nseed {self.seed}: {len(matrix)} kills", flush=True)
        figures = {engine: [] for engine in UNITS}
        for engine, host in matrix:
            time.sleep(chance.uniform(0, 1))  # the random moment
            seen, whole = self.kill(engine, host)
            figures[engine].append((seen, whole))
            print(f"  {engine:9} of {host.name}: in status after {seen:4.1f} s, all whole after {whole:4.1f} s", flush=True)
        for engine, each in figures.items():
            print(f"{engine}: {len(each)} kills, in status after {max(s for s, _ in each):.1f} s at the latest, all whole after "
                  f"{sorted(w for _, w in each)[len(each) // 2]:.1f} s (median), {max(w for _, w in each):.1f} s (longest)", flush=True)

    def kill(self, engine, host):
        """Seconds until `orama status` of that host shows it, and until all is whole."""
        unit = UNITS[engine] + ".service"
        before = host.pid_of(unit)
        self.assertNotEqual(before, 0, f"{unit} of {host.name} did not run")
        killed = time.time()
        host.quick(["systemctl", "kill", "-s", "KILL", "--kill-who=main", unit]).check()
        wait_for(f"status of {host.name} shows the end of {unit}", lambda: shown(host, unit, killed), SEEN_WITHIN, pause=0.2)
        seen = time.time() - killed
        wait_engines_whole(self.hosts, WHOLE_WITHIN)
        self.assertNotIn(host.pid_of(unit), (0, before), f"{unit} of {host.name}")
        return seen, time.time() - killed

    def test_02_nothing_acknowledged_is_lost(self):
        self.load.stop()
        print(f"\nnot acknowledged: {self.load.refused}", flush=True)
        for engine, wanted in self.load.acknowledged.items():
            self.assertGreater(len(wanted), 100)
            for host in self.hosts:
                wait_for(f"{host.name} has every row of the {engine}", lambda h=host, e=engine, w=wanted: w <= rows(h, e), 30)
            everywhere = [rows(host, engine) for host in self.hosts]
            self.assertTrue(all(one == everywhere[0] for one in everywhere), f"the copies of the {engine} differ")
            print(f"{engine}: {len(wanted)} rows acknowledged, {len(everywhere[0])} there, on every host", flush=True)
        engine_checks.wait_pinned(self.hosts, self.load.pins, 120)
        print(f"{len(self.load.pins)} pins held by all", flush=True)

    def test_03_no_ping_was_lost(self):
        sent, lost, slowest = self.pinger.stop()
        print(f"\n{sent} pings, {len(lost)} lost, slowest {1000 * slowest:.0f} ms", flush=True)
        self.assertGreater(sent, 100)
        self.assertEqual(lost, [])


def rows(host, engine):
    return {row[0] for row in engines_of(host).rows("SELECT value FROM kills", "none", engine=engine)}


def shown(host, unit, killed):
    """Whether that host's `orama status` shows the unit as down, or as started since."""
    rows_shown = json.loads(host.quick(["orama", "status", "--json"]).out)["data"]["rows"]
    told = next((row for row in rows_shown if row["area"] == unit), None)
    if told is None:
        raise AssertionError(f"`orama status` does not know {unit}")
    return told["state"] != "active" or unix_time(told["detail"].split()[1]) >= int(killed)


def _options(parser):
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="kills of each engine on each host")


def _configure(arguments):
    global ROUNDS
    ROUNDS = arguments.rounds


if __name__ == "__main__":
    node.main(__doc__, _options, _configure)
