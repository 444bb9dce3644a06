#!/usr/bin/env python3
"""Whom a node talks to: every packet on every interface of a host, lo included, for --minutes, while its engines start
and work and a resolver answers every name. Nothing leaves it but to the members, and nothing asks for a name. That the
capture would see it is shown first, by a storage node and a pinning peer as their makers configure them."""

import time
import unittest

import engine_checks
import node
from capture import Capture, World
from cluster import Cluster
from engine_look import UNITS, engines_of, wait_engines_whole
from lab import Lab, wait_for

MINUTES = 10
WORLD = 53  # 203.0.113.53 is everybody's name server, and the way to everywhere
STOCK = """set -e
export HOME=/root/stock IPFS_PATH=/root/stock/ipfs IPFS_CLUSTER_PATH=/root/stock/cluster
mkdir -p $HOME
/usr/lib/orama/ipfs init --empty-repo >/dev/null
/usr/lib/orama/ipfs-cluster-service init >/dev/null 2>&1
systemd-run -q --unit=stock-ipfs -E HOME=$HOME -E IPFS_PATH=$IPFS_PATH /usr/lib/orama/ipfs daemon
systemd-run -q --unit=stock-cluster -E IPFS_CLUSTER_PATH=$IPFS_CLUSTER_PATH /usr/lib/orama/ipfs-cluster-service daemon
"""
# An engine's own word for "how is this used", as a stock Kubo sends it a quarter of an hour after its start.
TELEMETRY = "https://telemetry.ipshipyard.dev"


class EnginesQuiet(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.world = World(cls.lab, WORLD)
        cls.addClassCleanup(cls.world.close)
        cls.cluster.genesis()
        cls.cluster.join(cls.cluster.raise_host("node2", 12))
        cls.hosts = cls.cluster.hosts
        for host in cls.hosts:
            cls.world.become_way_of(host)
        wait_engines_whole(cls.hosts, 60)

    def test_01_stock_engines_are_seen(self):
        stock = self.lab.host("stock", 31, like=self.cluster.template)
        self.world.become_way_of(stock)
        capture = Capture(stock)
        stock.shell(STOCK).check()
        stock.curl("-m", "3", TELEMETRY)

        def all_seen():
            names, targets = capture.names(), capture.targets()
            return (any("ipfs" in n or "libp2p" in n for n in names) and any("telemetry" in n for n in names)
                    and {"224.0.0.251", "239.255.255.250"} <= targets
                    and any(not t.startswith(("203.0.113.", "224.", "239.", "127.")) and "." in t for t in targets))

        try:
            wait_for("names, multicast, UPnP and bootstrap nodes of stock engines", all_seen, 90)
        finally:
            capture.stop()
            print(f"\nstock engines asked for {sorted(capture.names())}\nand sent to {sorted(capture.targets())}", flush=True)
            stock.destroy()

    def test_02_a_node_talks_to_its_members_alone(self):
        host, other = self.hosts
        capture = Capture(host)
        begun = time.monotonic()
        for engine in UNITS:
            host.run(["systemctl", "restart", UNITS[engine]]).check()
        wait_engines_whole(self.hosts, 60)
        rounds = 0
        while time.monotonic() - begun < 60 * MINUTES:
            engine_checks.check_data(self.hosts, f"quiet{rounds}")
            rounds += 1
            time.sleep(5)  # a rate, which decides nothing
        capture.stop()
        print(f"\n{capture.count} packets in {time.monotonic() - begun:.0f} s, to {sorted(capture.targets())}", flush=True)
        self.assertGreater(capture.count, 1000)
        self.assertIn("lo", capture.interfaces())
        self.assertIn("orama0", capture.interfaces())
        self.assertEqual(capture.names(), set())
        mesh = {engines_of(one).mesh_ip() for one in self.hosts}
        self.assertEqual(capture.strangers(mesh | {host.address}, {other.address}), [])


def _options(parser):
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long is captured")


def _configure(arguments):
    global MINUTES
    MINUTES = arguments.minutes


if __name__ == "__main__":
    node.main(__doc__, _options, _configure)
