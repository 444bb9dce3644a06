#!/usr/bin/env python3
"""Three bare hosts become one cluster: genesis, `orama invite` there, and the printed command on the two others. The
tests run in order on one set of hosts. --full adds the power losses of all three; --wait 60 is then the pause between
the hosts of the last start."""

import json
import re
import shlex
import unittest

import node
from lab import Lab, wait_for

PAUSE = 2
FULL = False
NAMES = ["node1", "node2", "node3"]


def peers_with_handshake(host):
    shown = json.loads(host.run(["orama", "mesh", "show", "--json"]).check().out)["data"]
    return sum(1 for peer in shown["device"]["peers"] if peer.get("last_handshake"))


class JoinMain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        debs = node.packages()
        cls.hosts = [node.bare_host(cls.lab, name, 11 + i, debs) for i, name in enumerate(NAMES)]
        for host in cls.hosts:
            node.install_packages(host)
            host.shell(f"echo '{cls.hosts[0].address} {node.DOMAIN}' >>/etc/hosts").check()
        cls.token = ""

    def status(self, host):
        return json.loads(host.run(["orama", "status", "--json"]).out)["data"]

    def assert_whole(self, within=60):
        """Healthy on every host, three nodes up, three voters, and a handshake for every pair."""
        for host in self.hosts:
            wait_for(f"{host.name} is healthy", lambda h=host: h.run(["orama", "status"]).status == 0, within, pause=0.5)
            wait_for(f"{host.name} sees three voters", lambda h=host: self.status(h)["admin"]["registry"]["voters_up"] == 3,
                     within, pause=0.5)
            wait_for(f"{host.name} has a handshake with both", lambda h=host: peers_with_handshake(h) == 2, within, pause=0.5)
            status = self.status(host)
            self.assertEqual(status["admin"]["nodes"], {"total": 3, "up": 3}, status)
            members = [n for n in status["nodes"] if n["state"] != "removed"]
            self.assertEqual(sorted(n["name"] for n in members), NAMES)
            self.assertTrue(all(n["voter"] and n["state"] == "ready" for n in members), members)

    def join(self, host, *more):
        invite = json.loads(self.hosts[0].run(["orama", "invite", "--note", host.name, "--json"]).check().out)["data"]
        type(self).token = invite["token"]
        # As printed, but for sudo; from a file, because the lab's own way of running a command logs it.
        host.write("/root/join", f"{invite['command'].removeprefix('sudo ')} {shlex.join(more)}\n")
        done = host.run(["sh", "/root/join"], timeout=300)
        host.run(["rm", "/root/join"]).check()
        print(f"\n{done.out}{done.err}({done.seconds:.1f} s)", flush=True)
        return done

    def test_01_genesis(self):
        node.install_node(self.hosts[0])

    def test_02_the_printed_command_makes_a_member(self):
        done = self.join(self.hosts[1])
        self.assertEqual(done.status, 0, f"{done}\n{node.journal(self.hosts[0], 'orama-gateway')}")
        wait_for("both are healthy", lambda: all(h.run(["orama", "status"]).status == 0 for h in self.hosts[:2]), 60, pause=0.5)
        registry = self.status(self.hosts[1])["admin"]["registry"]
        self.assertEqual(registry["voters"], 1, registry)

    def test_03_a_third_host_makes_three_voters(self):
        done = self.join(self.hosts[2], "--nameserver")
        self.assertEqual(done.status, 0, done)
        self.assert_whole()

    def test_04_the_token_stands_nowhere(self):
        secret = self.token[len("orama1_"):]
        for host in self.hosts:
            self.assertNotIn(secret, host.run(["journalctl", "-o", "cat", "--no-pager"]).out)
            host.write("/root/secret", secret + "\n")  # the command line of grep would be in the journal
            found = host.run(["grep", "-rlaF", "-f", "/root/secret", "/var", "/etc", "/run/orama", "/tmp"])
            self.assertEqual(found.out, "", found)
            host.run(["rm", "/root/secret"]).check()

    def test_05_a_used_token_lets_nobody_else_in(self):
        listed = json.loads(self.hosts[0].run(["orama", "invite", "list", "--all", "--json"]).check().out)["data"]["invites"]
        self.assertEqual(sorted(i["state"] for i in listed), ["joined", "joined"])

    def test_06_the_same_command_again_changes_nothing(self):
        host = self.hosts[2]
        starts = node.unit_starts(host)
        host.write("/root/token", self.token)
        again = host.run(["orama", "install", "--join", f"https://{node.DOMAIN}", "--token", "/root/token", "--vps-ip", "auto",
                          "--nameserver"])
        host.run(["rm", "/root/token"]).check()
        self.assertEqual(again.status, 0, again)
        self.assertEqual(node.unit_starts(host), starts)

    def test_07_what_one_writes_all_know(self):
        self.hosts[2].run(["orama", "invite", "--note", "from node3"]).check()
        for host in self.hosts:
            listed = host.run(["orama", "invite", "list"]).check().out
            self.assertIn("from node3", listed)

    def test_08_a_reboot_of_all_three_at_once(self):
        if not FULL:
            self.skipTest("only with --full")
        for host in self.hosts:
            host.power_loss()
        for host in self.hosts:
            host.start()
        self.assert_whole(120)

    def test_09_power_loss_of_one(self):
        self.hosts[1].power_loss()
        if FULL:  # the silence of a link is noticed after 15 s
            wait_for("node1 says that node2 is gone",
                     lambda: re.search("node2 does not answer", self.hosts[0].run(["orama", "status"]).out), 60, pause=0.5)
        wait_for("node1 writes", lambda: self.hosts[0].run(["orama", "invite", "--note", "two of three"]).status == 0, 15)
        self.hosts[1].start()
        self.assert_whole(120)

    def test_10_started_one_after_the_other(self):
        if not FULL:
            self.skipTest("only with --full")
        for host in self.hosts:
            host.power_loss()
        for i, host in enumerate(self.hosts):
            if i:
                waiting = wait_for("the pause is over", _after(PAUSE), PAUSE + 5, pause=0.2)
                self.assertTrue(waiting)
            host.start()
        self.assert_whole(120)

    def test_11_a_removed_node_is_out(self):
        first, gone = self.hosts[0], self.hosts[2]
        plan = first.run(["orama", "node", "remove", "node3"])
        self.assertEqual(plan.status, 3, plan)
        self.assertIn("3 now, 2 after", plan.out)
        first.run(["orama", "node", "remove", "node3", "--yes"]).check()
        wait_for("the others are healthy without it",
                 lambda: all(h.run(["orama", "status"]).status == 0 for h in self.hosts[:2]), 60, pause=0.5)
        wait_for("the registry has one voter", lambda: self.status(first)["admin"]["registry"]["voters"] == 1, 60, pause=0.5)
        for host in self.hosts[:2]:
            self.assertEqual(peers_on_device(host), 1)
        mesh = json.loads(gone.read("/var/lib/orama/agent/node.json"))["mesh_ip"]
        self.assertFalse(first.port_open(mesh, 6001), "the removed node still answers over the mesh")
        used = self.join(gone)
        self.assertNotEqual(used.status, 0, used)

    def test_12_the_same_host_comes_back_with_new_keys(self):
        gone = self.hosts[2]
        gone.run(["orama", "uninstall", "--purge", "--yes"]).check()
        back = self.join(gone)
        self.assertEqual(back.status, 0, back)
        self.assert_whole()


def peers_on_device(host):
    shown = json.loads(host.run(["orama", "mesh", "show", "--json"]).check().out)["data"]
    return len(shown["device"]["peers"])


def _after(seconds):
    import time
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def _options(parser):
    parser.add_argument("--full", action="store_true", help="the power losses of all three too")
    parser.add_argument("--wait", type=int, default=PAUSE, help="seconds between the hosts of the last start")


def _configure(arguments):
    global PAUSE, FULL
    PAUSE, FULL = arguments.wait, arguments.full


if __name__ == "__main__":
    node.main(__doc__, _options, _configure)
