#!/usr/bin/env python3
"""How nodes go: a changed address, an uninstall that may not leave, one that leaves, old tokens that open nothing, a
removal by an operator, and the only voter that hands its vote over. In order, on one set of three hosts."""

import json
import unittest

import node
from cluster import Cluster, status
from lab import Lab, wait_for

IDENTITY = "http://127.0.0.1:6001/v1/internal/join/identity"


class JoinLeave(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.hosts = []  # as raised; those of the cluster are in it

    def invite(self):
        return self.cluster.invite(self.hosts[0], "of before a removal")

    def try_old(self, host, invite):
        done = self.cluster.type_join(host, invite, "--timeout", "8s")
        print(f"\n{done.out}{done.err}({done.status})", flush=True)
        return done

    def join_key(self, host):
        return json.loads(host.curl("-s", IDENTITY).out).get("join_key")

    def wait_new_key(self, before):
        def both():
            keys = {self.join_key(host) for host in self.hosts[:2]}
            return len(keys) == 1 and not keys & {None, before}
        wait_for("both others have the same new join key", both, 40, pause=7)  # ten questions a minute are answered

    def row(self, host, name):
        nodes = json.loads(host.run(["orama", "node", "list", "--all", "--json"]).check().out)["data"]["nodes"]
        return [n for n in nodes if n["name"] == name][-1]

    def uninstall(self, host, *more):
        done = host.run(["orama", "uninstall", "--purge", "--yes", *more], timeout=240)
        print(f"\n{done.out}{done.err}({done.status}, {done.seconds:.1f} s)", flush=True)
        return done

    def test_01_three_nodes(self):
        self.hosts.append(self.cluster.genesis())
        for number in (2, 3):
            self.hosts.append(self.cluster.raise_host(f"node{number}", 10 + number))
            self.cluster.join(self.hosts[-1])
        self.cluster.wait_whole(3, 60)

    def test_02_another_address_by_install_reaches_all(self):
        host = self.hosts[2]
        device = host.quick(["sh", "-c", "ip -o -4 route get 203.0.113.1 | sed 's/.* dev \\([^ ]*\\).*/\\1/'"]).check().out.strip()
        host.run(["ip", "address", "add", "203.0.113.77/24", "dev", device]).check()
        self.assertNotEqual(self.row(self.hosts[0], "node3")["endpoints"], ["203.0.113.77:51820"])
        done = host.run(["orama", "install", "--vps-ip", "203.0.113.77", "--yes"], timeout=240)
        self.assertEqual(done.status, 0, done)
        wait_for("all know the new address", lambda: all(
            self.row(h, "node3")["endpoints"] == ["203.0.113.77:51820"] for h in self.hosts), 10, pause=0.3)
        again = host.run(["orama", "install", "--plan"])
        self.assertEqual(again.status, 0, again)
        self.cluster.wait_whole(3, 60)

    def test_03_an_uninstall_that_would_break_the_registry_is_refused(self):
        self.hosts[1].power_loss()
        wait_for("its loss is seen", lambda: status(self.hosts[2])["admin"]["registry"]["voters_up"] == 2, 60, pause=0.5)
        refused = self.uninstall(self.hosts[2])
        self.assertEqual(refused.status, 12, refused)
        self.assertIn("--no-leave", refused.err)
        self.assertTrue(self.hosts[2].exists("/etc/orama/secrets/node.key"))
        self.hosts[1].start()
        self.cluster.wait_whole(3, 120)

    def test_04_an_uninstall_leaves_first(self):
        type(self).old = self.invite()
        before = self.join_key(self.hosts[0])
        done = self.uninstall(self.hosts[2])
        self.assertEqual(done.status, 0, done)
        self.assertIn("has left its cluster", done.out)
        self.assertEqual(self.row(self.hosts[0], "node3")["state"], "removed")
        self.cluster.hosts.remove(self.hosts[2])
        self.wait_new_key(before)
        self.cluster.wait_whole(1, 60)
        for host in self.cluster.hosts:
            self.assertIn("removed node3 had them: challenge-mac.key", host.run(["orama", "status"]).out)

    def test_05_an_old_token_opens_nothing_and_a_new_one_does(self):
        host = self.hosts[2]
        refused = self.try_old(host, self.old)
        self.assertEqual(refused.status, 11, refused)
        self.assertIn("not verified", refused.out + refused.err)
        host.run(["orama", "uninstall", "--purge", "--yes"], timeout=120).check()
        self.cluster.join(host)
        self.cluster.wait_whole(3, 60)

    def test_06_a_removal_by_an_operator(self):
        type(self).old = self.invite()
        first, gone = self.hosts[0], self.hosts[2]
        before = self.join_key(first)
        first.run(["orama", "node", "remove", "node3", "--yes"]).check()
        self.cluster.hosts.remove(gone)
        self.wait_new_key(before)
        self.cluster.wait_whole(1, 60)
        # It has read of its removal, or was cut off before: then it says what to type elsewhere, and goes on.
        done = self.uninstall(gone)
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, "is out of its cluster already|sudo orama node remove node3 --yes")
        refused = self.try_old(gone, self.old)
        self.assertEqual(refused.status, 11, refused)

    def test_07_the_only_voter_hands_its_vote_over(self):
        first, last = self.hosts[:2]
        self.assertTrue(self.row(first, "node1")["voter"])
        done = self.uninstall(first)
        self.assertEqual(done.status, 0, done)
        self.assertIn("has left its cluster", done.out)
        self.cluster.wait_whole(1, 60, hosts=[last])
        print(last.run(["orama", "status"]).out, flush=True)


if __name__ == "__main__":
    node.main(__doc__)
