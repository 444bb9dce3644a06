"""The firewall of a node on real hosts, seen from a second one: SSH stays reachable, a change that would cut it
off is taken back by itself, also over a reboot and a power cut, and what an operator had survives. Run by edge.py."""

import itertools
import subprocess
import unittest

import node
from lab import Lab, wait_for

PENDING = "/var/lib/orama/install/firewall-pending.json"
SWITCH_SECONDS = 90

# UFW before × what ends the unproven state after a kill -9.
KILLS = list(itertools.product(("off", "on"), ("timer", "reboot", "power loss")))


def take_sample(chance):
    # one that ends by itself in seconds: the timer's 90 s are for the full run
    KILLS[:] = [chance.choice([kill for kill in KILLS if kill[1] != "timer"])]


class FirewallTest(unittest.TestCase):
    """A template host with the packages, copied for each test, and a client."""
    family = "4"

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.template = node.bare_host(cls.lab, "template", 10, node.packages(), family=cls.family)
        node.install_packages(cls.template)
        cls.template.stop()
        cls.client = cls.lab.host("client", 12, family=cls.family)

    def setUp(self):
        self.fresh()
        self.addCleanup(lambda: self.node.destroy())

    def fresh(self):
        self.node = self.lab.host("node1", 11, like=self.template, family=self.family)
        for family in ("-4", "-6"):  # the host before this one had another link address
            self.client.quick(["ip", family, "neigh", "flush", "dev", "eth0"])

    def install(self, *more):
        return self.node.run(node.install_command(self.node, "--yes", *more), timeout=300)

    def ufw(self, *arguments):
        return self.node.run(["ufw", *arguments]).check().out

    def ufw_is(self):
        return self.ufw("status").splitlines()[0].removeprefix("Status: ")

    def rules(self):
        return [line for line in self.ufw("show", "added").splitlines() if line.startswith("ufw ")]

    def banner(self, port=22, address=None):
        """What the client reads first from that port; "" when nothing answers."""
        read = ("import socket,sys\ns=socket.create_connection((sys.argv[1],int(sys.argv[2])),5)\n"
                "s.settimeout(10)\nprint(s.recv(64).decode(errors='replace'))")
        return self.client.quick(["python3", "-c", read, address or self.node.address, str(port)]).out

    def assert_ssh_from_outside(self, port=22, address=None):
        wait_for(f"SSH answers the client at port {port}",
                 lambda: self.banner(port, address).startswith("SSH-2.0-"), 30, pause=1)

    def drop_new_ssh(self, port=22):
        """An operator's rule that UFW's own do not show: with UFW on, nobody new gets in."""
        self.node.shell("sed -i 's|^# End required lines|"
                        f"-A ufw-before-input -p tcp --dport {port} -m conntrack --ctstate NEW -j DROP\\n&|' "
                        "/etc/ufw/before.rules").check()


class Firewall(FirewallTest):
    def test_ssh_on_another_port_stays_reachable(self):
        self.node.shell("echo 'Port 2222' >> /etc/ssh/sshd_config; systemctl restart ssh").check()
        self.assert_ssh_from_outside(2222)
        done = self.install()
        self.assertEqual(done.status, 0, done)
        for _ in ("after the install", "after a reboot"):
            self.assertEqual(self.ufw_is(), "active")
            self.assert_ssh_from_outside(2222)
            self.assertFalse(self.client.port_open(self.node.address, 22))
            self.assertFalse(self.client.port_open(self.node.address, 5001))
            self.node.reboot()

    def test_what_would_cut_ssh_off_is_taken_back(self):
        self.drop_new_ssh()
        done = self.install()
        self.assertEqual(done.status, 3, done)
        self.assertIn("as it was before (UFW off)", done.out + done.err)
        self.assertEqual(self.ufw_is(), "inactive")
        self.assert_ssh_from_outside()
        self.assertFalse(self.node.exists(PENDING))
        self.assertEqual(self.node.quick(["ip", "netns"]).out, "")

    def test_with_ufw_on_its_own_rules_survive_install_and_uninstall(self):
        self.node.shell("ufw limit 22/tcp; ufw allow 8443/tcp comment mine; ufw allow from 198.51.100.0/24; "
                        "ufw --force enable").check()
        before = self.rules()
        done = self.install()
        self.assertEqual(done.status, 0, done)
        self.assertEqual([rule for rule in self.rules() if "comment 'orama'" not in rule], before)
        self.assertNotIn("ufw allow 22/tcp comment 'orama'", self.rules())
        self.assert_ssh_from_outside()
        self.node.run(["orama", "uninstall", "--yes"], timeout=180).check()
        self.assertEqual(self.rules(), before)
        self.assertEqual(self.ufw_is(), "active")

    def test_with_ufw_on_a_cut_is_taken_back_and_ufw_stays_on(self):
        self.node.shell("ufw allow 22/tcp; ufw allow 8443/tcp; ufw --force enable").check()
        before = self.rules()
        self.drop_new_ssh()
        self.node.run(["ufw", "reload"]).check()
        done = self.install()
        self.assertEqual(done.status, 3, done)
        self.assertIn("UFW on, without orama's new rules", done.out + done.err)
        self.assertEqual(self.rules(), before)
        self.assertEqual(self.ufw_is(), "active")

    def test_an_operators_restriction_is_kept_and_needs_a_connection_as_proof(self):
        self.node.run(["ufw", "allow", "from", "203.0.113.0/24", "to", "any", "port", "22", "proto", "tcp"]).check()
        before = self.rules()
        done = self.install()
        self.assertEqual(done.status, 3, done)
        self.assertIn("not provable", done.out + done.err)
        self.assertIn("203.0.113.0/24", done.out + done.err)
        self.assertEqual(self.ufw_is(), "inactive")
        running = self.node.start_process(node.install_command(self.node, "--yes"), stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT)
        wait_for("UFW is on, unproven", lambda: self.node.exists(PENDING) and self.ufw_is() == "active", 60)
        while running.poll() is None:  # a colleague logs in
            self.banner()
        self.assertEqual(running.returncode, 0, running.communicate()[0])
        self.assertEqual(self.ufw_is(), "active")
        self.assertNotIn("ufw allow 22/tcp comment 'orama'", self.rules())
        self.assertIn(before[0], self.rules())

    def test_killed_while_unproven(self):
        for before, ending in KILLS:
            with self.subTest(before=before, ending=ending):
                self.node.destroy()
                self.fresh()
                self.killed_while_unproven(before, ending)

    def killed_while_unproven(self, before, ending):
        # a rule bound to a source makes the step wait for a connection: time to kill it
        self.node.shell("ufw allow from 203.0.113.0/24 to any port 22 proto tcp; ufw allow 8443/tcp"
                        + ("; ufw --force enable" if before == "on" else "")).check()
        kept = [rule for rule in self.rules() if "comment 'orama'" not in rule]
        running = self.node.start_process(node.install_command(self.node, "--yes"), stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT)
        wait_for("UFW is on, unproven", lambda: self.node.exists(PENDING) and self.ufw_is() == "active"
                 and any("3322 proto udp" in rule for rule in self.rules()), 90)
        self.node.run(["pkill", "-9", "-x", "orama"])
        running.communicate()
        self.assertTrue(self.node.exists(PENDING))
        if ending == "timer":
            wait_for("the switch fires", lambda: not self.node.exists(PENDING), SWITCH_SECONDS + 60, pause=1)
        elif ending == "reboot":
            self.node.reboot()
        else:
            self.node.power_loss()
            self.node.start()
        self.assertFalse(self.node.exists(PENDING), node.journal(self.node, "orama-firewall-revert"))
        self.assertEqual(self.ufw_is(), "inactive" if before == "off" else "active")
        if before == "on":
            self.assertEqual(self.rules(), kept)
        if ending != "timer":
            self.assert_reverted_before_ufw_started()
        self.assert_ssh_from_outside()

    def assert_reverted_before_ufw_started(self):
        times = [int(self.node.quick(["systemctl", "show", "-p", "ExecMainExitTimestampMonotonic" if "revert" in unit else
                                      "ExecMainStartTimestampMonotonic", "--value", unit]).check().out)
                 for unit in ("orama-firewall-revert.service", "ufw.service")]
        self.assertGreater(times[0], 0)
        self.assertLess(times[0], times[1])


class FirewallDualStack(FirewallTest):
    family = "46"

    def test_both_families_are_filtered_and_reachable(self):
        done = self.install()
        self.assertEqual(done.status, 0, done)
        for address in (self.node.address, self.node.address6):
            self.assert_ssh_from_outside(address=address)
        for address in (self.node.address, self.node.address6):
            self.assertTrue(self.client.port_open(address, 443))
            self.assertFalse(self.client.port_open(address, 6001))

    def test_ipv6_switched_off_in_ufw_is_said(self):
        self.node.shell("sed -i s/^IPV6=yes/IPV6=no/ /etc/default/ufw").check()
        done = self.install()
        self.assertEqual(done.status, 3, done)
        self.assertIn("IPV6=no", done.out + done.err)
        self.assert_ssh_from_outside(address=self.node.address6)
