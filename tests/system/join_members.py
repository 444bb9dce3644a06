#!/usr/bin/env python3
"""Five hosts as one cluster: who votes, how fast a change reaches every member's device, B9 of benchmarks.md (from
"token accepted" to an encrypted ping from every member), and all ways out and back in. The tests run in order on one
set of hosts. --joins N is how many joins B9 is measured over."""

import json
import time
import unittest

import node
from cluster import Cluster, handshakes, mesh_ip, status
from lab import Lab, wait_for
from watch import Watch, admin, reached, registry_rows

ON_EVERY_DEVICE_WITHIN = 0.5  # seconds from the commit, five nodes
PINGED_WITHIN = 10.0          # B9's pass
OFF_THE_DEVICE_WITHIN = 2.0
MESH_PORTS = (5001, 6001, 6002, 7001)
JOINS = 8


class Measured:
    """A join: seconds from the commit of its redemption to every member's device, and to a ping from every member."""

    def __init__(self, members, device, ping):
        self.members, self.device, self.ping = members, device, ping


class JoinMembers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.cluster.genesis()
        cls.measured, cls.old_token, cls.gone = [], None, None

    def setUp(self):
        for host in self.cluster.hosts:  # of a test that failed
            if not host.is_alive():
                host.start()

    def hosts(self, *names):
        return [next(h for h in self.cluster.hosts if h.name == name) for name in names]

    def measured_join(self, host):
        """Joins `host` while all members are watched. The clock starts at the time that the redemption's own
        transaction holds, written just before it was committed."""
        members = [h for h in self.cluster.hosts if h is not host]
        watches = [Watch(member, gateway=False) for member in members]
        self.cluster.join(host)
        own = json.loads(host.read("/var/lib/orama/agent/node.json"))
        wait_for("a ping from every member", lambda: all(w.first("ping", own["mesh_ip"]) for w in watches), 30)
        for watch in watches:
            watch.stop()
        begun = registry_rows(members[0], f"SELECT min(at) FROM changes WHERE id = '{own['id']}'")[0][0] / 1000
        device = max(w.first("peer+", own["mesh_ip"]) for w in watches) - begun
        ping = max(w.first("ping", own["mesh_ip"]) for w in watches) - begun
        self.measured.append(Measured(len(members), device, ping))
        print(f"\n{host.name} joined {len(members)}: on every device {1000 * device:.0f} ms, pinged by every member "
              f"{1000 * ping:.0f} ms after the commit", flush=True)

    def test_01_five_hosts(self):
        for number, voters in ((2, 1), (3, 3), (4, 3), (5, 5)):
            self.measured_join(self.cluster.raise_host(f"node{number}", 10 + number))
            self.cluster.wait_whole(voters, 60)

    def test_02_renamed(self):
        first, last = self.hosts("node1", "node5")
        first.run(["orama", "node", "rename", "node5", "--to", "edge5"]).check()
        for host in self.cluster.hosts:
            wait_for(f"{host.name} knows the name", lambda h=host: "edge5" in h.run(["orama", "node", "list"]).out, 5)
        self.assertNotEqual(first.run(["orama", "node", "rename", "node5", "--to", "x"]).status, 0)
        self.assertNotEqual(last.run(["orama", "node", "rename", "edge5", "--to", "node4"]).status, 0)
        last.run(["orama", "node", "rename", "edge5", "--to", "node5"]).check()

    def test_03_refused_for_quorum(self):
        first, *gone = self.hosts("node1", "node4", "node5")
        started = {host.name: time.time() for host in gone}
        for host in gone:
            host.power_loss()
        wait_for("three voters are up", lambda: status(first)["admin"]["registry"]["voters_up"] == 3, 30)
        refused = first.run(["orama", "node", "remove", "node2", "--yes"])
        for host in gone:
            host.start()
        print(refused, flush=True)
        self.assertEqual(refused.status, 12, refused)
        self.assertIn("4 voters, and not 3 of them are up", refused.err)
        self.cluster.wait_whole(5, 60, fresh=started)

    def test_04_removed(self):
        first, gone = self.hosts("node1", "node5")
        type(self).old_token = self.cluster.invite(first, "open when node5 is removed")
        address = mesh_ip(gone)
        rest = [h for h in self.cluster.hosts if h is not gone]
        planned = first.run(["orama", "node", "remove", "node5"])
        self.assertEqual(planned.status, 3, planned)
        self.assertIn("Registry voters: 5 now, 4 after; it can lose 2 now, 1 after.", planned.out)
        watches = [Watch(host, gateway=False) for host in rest]
        asked = time.time()
        first.run(["orama", "node", "remove", "node5", "--yes"]).check()
        wait_for("all have dropped it", lambda: all(w.first("peer-", address) for w in watches), 10)
        for watch in watches:
            watch.stop()
        took = max(w.first("peer-", address) for w in watches) - asked
        print(f"\noff every device {1000 * took:.0f} ms after `orama node remove` was typed", flush=True)
        self.assertLess(took, OFF_THE_DEVICE_WITHIN)
        self.cluster.hosts.remove(gone)
        self.cluster.wait_whole(3, 60)
        self.assert_silent(gone, address)
        type(self).gone = gone

    def assert_silent(self, gone, address):
        """No mesh port of a node that is out answers any member, nor any member's it; over its public address neither."""
        outside = [(to, port) for to in (address, gone.address) for port in MESH_PORTS]
        inside = [(mesh_ip(host), port) for host in self.cluster.hosts for port in MESH_PORTS]
        for host in self.cluster.hosts:
            self.assertEqual(reached(host, outside), [], f"from {host.name} to the node that is out")
            self.assertEqual(reached(host, [(gone.address, 443)]), [(gone.address, 443)], "the probe itself fails")
        self.assertEqual(reached(gone, inside), [], "from the node that is out")
        self.assertEqual(len(reached(self.cluster.hosts[0], inside)), len(inside), "the members' own ports")

    def test_05_a_token_of_before_the_removal_is_refused(self):
        fresh = self.cluster.raise_host("node6", 16)
        done = self.cluster.type_join(fresh, self.old_token, "--timeout", "5s")
        print(done, flush=True)
        self.assertNotEqual(done.status, 0, done)
        self.assertNotIn("node6", self.hosts("node1")[0].run(["orama", "node", "list", "--all"]).check().out)
        fresh.destroy()

    def test_06_back_under_the_same_name(self):
        before = json.loads(self.gone.read("/var/lib/orama/agent/node.json"))
        self.gone.run(["orama", "uninstall", "--purge", "--yes"]).check()
        self.measured_join(self.gone)
        self.cluster.wait_whole(5, 60)
        after = json.loads(self.gone.read("/var/lib/orama/agent/node.json"))
        self.assertNotEqual(after["id"], before["id"])
        self.assertNotEqual(after["mesh_ip"], before["mesh_ip"], "the address was given again within 24 h")

    def test_07_back_at_the_same_address_with_a_fresh_disk(self):
        first, lost = self.hosts("node1", "node4")
        lost.destroy()
        self.cluster.hosts.remove(lost)
        fresh = self.cluster.raise_host("node4", lost.number)
        taken = self.cluster.type_join(fresh, self.cluster.invite(first, "too early"))
        print(taken, flush=True)
        self.assertNotEqual(taken.status, 0, taken)
        self.assertIn("sudo orama node remove node4 --yes", taken.err)  # what an operator can do
        first.run(["orama", "node", "remove", "node4", "--yes"]).check()
        self.measured_join(fresh)
        self.cluster.wait_whole(5, 60)

    def test_08_left(self):
        first, leaver = self.hosts("node1", "node5")
        planned = leaver.run(["orama", "leave"])
        self.assertEqual(planned.status, 3, planned)
        self.leave(leaver)
        self.assert_silent(leaver, mesh_ip(leaver))
        used = [n["state"] for n in admin(first, "GET", "/admin/nodes")[1]["nodes"] if n["name"] == "node5"]
        self.assertEqual(set(used), {"removed"})
        leaver.run(["orama", "uninstall", "--purge", "--yes"]).check()
        self.measured_join(leaver)

    def leave(self, leaver):
        done = wait_for("it leaves", lambda: _well(leaver.run(["orama", "leave", "--yes"])), 60, pause=1)
        print(done, flush=True)
        self.cluster.hosts.remove(leaver)
        self.cluster.wait_whole(3, 60)

    def test_09_b9(self):
        """More joins of node5, until there are enough; then the figures of all."""
        last = self.hosts("node5")[0]
        while len(self.measured) < JOINS:
            self.cluster.wait_whole(5, 60)
            self.leave(last)
            last.run(["orama", "uninstall", "--purge", "--yes"]).check()
            self.measured_join(last)
        self.cluster.wait_whole(5, 60)
        pings, devices = [sorted(getattr(m, what) for m in self.measured) for what in ("ping", "device")]
        print(f"\nB9, {len(pings)} joins one after another, to 1 to 4 members: pinged by every member {figures(pings)} "
              f"(pass {PINGED_WITHIN:.0f} s); on every device {figures(devices)}", flush=True)
        self.assertLess(pings[-1], PINGED_WITHIN)
        self.assertLess(devices[-1], ON_EVERY_DEVICE_WITHIN)
        self.assertEqual(len(handshakes(last)), 4)


def _well(done):
    return done if done.status == 0 else None


def figures(ordered):
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"median {1000 * ordered[len(ordered) // 2]:.0f} ms, p99 {1000 * p99:.0f} ms, longest {1000 * ordered[-1]:.0f} ms"


def _options(parser):
    parser.add_argument("--joins", type=int, default=JOINS, help="joins that B9 is measured over")


def _configure(arguments):
    global JOINS
    JOINS = arguments.joins


if __name__ == "__main__":
    node.main(__doc__, _options, _configure)
