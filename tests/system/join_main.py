#!/usr/bin/env python3
"""Three bare hosts become one cluster: genesis, `orama invite` there, and the printed command on the two others. The
tests run in order on one set of hosts. --full adds the power losses of all three; --wait 60 is then the pause between
the hosts of the last start, and one host is cut off for a minute instead of twenty seconds."""

import json
import re
import time
import unittest

import engine_checks
import engine_look
import node
from cluster import Cluster, handshakes, status
from lab import Lab, wait_for

PAUSE = 2
FULL = False
CUT, HEALED_WITHIN = 20, 60  # engines.py holds it to 30
NAMES = ["node1", "node2", "node3"]


class JoinMain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.hosts = []  # as raised; those of the cluster are in it

    def assert_whole(self, within=60):
        """Healthy on every host, three nodes up, three voters, and a handshake for every pair."""
        self.cluster.wait_whole(3, within)
        for host in self.hosts:
            members = [n for n in status(host)["nodes"] if n["state"] != "removed"]
            self.assertEqual(sorted(n["name"] for n in members), NAMES)
            self.assertTrue(all(n["voter"] and n["state"] == "ready" for n in members), members)
        self.assert_engines_whole(within)

    def assert_engines_whole(self, within=60):
        took = engine_look.wait_engines_whole(self.cluster.hosts, within)
        print(f"\nevery engine of {len(self.cluster.hosts)} hosts is one cluster; waited {took:.1f} s", flush=True)

    def join(self, host, *more):
        done = self.cluster.join(host, *more)
        print(f"\n{done.out}{done.err}({done.seconds:.1f} s)", flush=True)

    def test_01_genesis(self):
        self.hosts.append(self.cluster.genesis())

    def test_02_the_printed_command_makes_a_member(self):
        self.hosts.append(self.cluster.raise_host("node2", 12))
        self.join(self.hosts[1])
        self.cluster.wait_whole(1, 60)
        self.assert_engines_whole()

    def test_03_a_third_host_makes_three_voters(self):
        self.hosts.append(self.cluster.raise_host("node3", 13))
        self.join(self.hosts[2], "--nameserver")
        self.assert_whole()

    def test_04_what_one_host_takes_all_have(self):
        engine_checks.check_data(self.hosts, "three")

    def test_05_the_token_stands_nowhere(self):
        secret = self.cluster.tokens["node3"][len("orama1_"):]
        for host in self.hosts:
            self.assertNotIn(secret, host.run(["journalctl", "-o", "cat", "--no-pager"]).out)
            host.write("/root/secret", secret + "\n")  # the command line of grep would be in the journal
            found = host.run(["grep", "-rlaF", "-f", "/root/secret", "/var", "/etc", "/run/orama", "/tmp"])
            self.assertEqual(found.out, "", found)
            host.run(["rm", "/root/secret"]).check()

    def test_06_a_used_token_lets_nobody_else_in(self):
        listed = json.loads(self.hosts[0].run(["orama", "invite", "list", "--all", "--json"]).check().out)["data"]["invites"]
        self.assertEqual(sorted(i["state"] for i in listed), ["joined", "joined"])

    def test_07_the_same_command_again_changes_nothing(self):
        host = self.hosts[2]
        starts = node.unit_starts(host)
        host.write("/root/token", self.cluster.tokens["node3"])
        again = host.run(["orama", "install", "--join", f"https://{node.DOMAIN}", "--token", "/root/token", "--vps-ip", "auto",
                          "--nameserver"])
        host.run(["rm", "/root/token"]).check()
        self.assertEqual(again.status, 0, again)
        self.assertEqual(node.unit_starts(host), starts)

    def test_08_what_one_writes_all_know(self):
        self.hosts[2].run(["orama", "invite", "--note", "from node3"]).check()
        for host in self.hosts:
            listed = host.run(["orama", "invite", "list"]).check().out
            self.assertIn("from node3", listed)

    def test_09_one_cut_off_is_taken_back_without_a_hand(self):
        engine_checks.check_cut(self.hosts[2], self.hosts, 60 if FULL else CUT, HEALED_WITHIN)
        self.assert_whole()

    def test_10_a_reboot_of_all_three_at_once(self):
        if not FULL:
            self.skipTest("only with --full")
        for host in self.hosts:
            host.power_loss()
        for host in self.hosts:
            host.start()
        self.assert_whole(120)

    def test_11_power_loss_of_one(self):
        self.hosts[1].power_loss()
        if FULL:  # the silence of a link is noticed after 15 s
            wait_for("node1 says that node2 is gone",
                     lambda: re.search("node2 does not answer", self.hosts[0].run(["orama", "status"]).out), 60, pause=0.5)
        wait_for("node1 writes", lambda: self.hosts[0].run(["orama", "invite", "--note", "two of three"]).status == 0, 15)
        self.hosts[1].start()
        self.assert_whole(120)

    def test_12_started_one_after_the_other(self):
        if not FULL:
            self.skipTest("only with --full")
        for host in self.hosts:
            host.power_loss()
        for i, host in enumerate(self.hosts):
            if i:
                time.sleep(PAUSE)  # what is tested, and not a wait for something
            host.start()
        self.assert_whole(120)

    def test_13_a_removed_node_is_out(self):
        first, gone = self.hosts[0], self.hosts[2]
        plan = first.run(["orama", "node", "remove", "node3"])
        self.assertEqual(plan.status, 3, plan)
        self.assertIn("3 now, 2 after", plan.out)
        first.run(["orama", "node", "remove", "node3", "--yes"]).check()
        self.cluster.hosts.remove(gone)
        self.cluster.wait_whole(1, 60)
        for host in self.cluster.hosts:
            self.assertEqual(len(handshakes(host)), 1)  # peers of the device
        self.assert_engines_whole()  # of the two alone: the third is a member of none
        mesh = json.loads(gone.read("/var/lib/orama/agent/node.json"))["mesh_ip"]
        self.assertFalse(first.port_open(mesh, 6001), "the removed node still answers over the mesh")
        used = self.cluster.type_join(gone, self.cluster.invite(first, "of a removed node"), "--timeout", "8s")
        self.assertNotEqual(used.status, 0, used)

    def test_14_the_same_host_comes_back_with_new_keys(self):
        gone = self.hosts[2]
        gone.run(["orama", "uninstall", "--purge", "--yes"]).check()
        self.join(gone)
        self.assert_whole()
        engine_checks.check_data(self.hosts, "again")


def _options(parser):
    parser.add_argument("--full", action="store_true", help="the power losses of all three too")
    parser.add_argument("--wait", type=int, default=PAUSE, help="seconds between the hosts of the last start")


def _configure(arguments):
    global PAUSE, FULL
    PAUSE, FULL = arguments.wait, arguments.full


if __name__ == "__main__":
    node.main(__doc__, _options, _configure)
