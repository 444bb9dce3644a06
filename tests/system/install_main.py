#!/usr/bin/env python3
"""The main job on real hosts: a bare Debian host gets the two .debs, `orama install` makes it a node, a second
host uses it. --suite trixie runs the same on Debian 13. The tests run in order on one pair of hosts."""

import json
import re
import unittest

import node
from lab import Lab, wait_for

SUITE = "bookworm"
# What a client must not reach: registry, gateway, links, Caddy's admin, at the public and at the mesh address.
ENGINE_PORTS = [5001, 7001, 6001, 6002, 2019, 3320, 4501]


class InstallMain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.debs = node.packages()
        cls.node = node.bare_host(cls.lab, "node1", 11, cls.debs, suite=SUITE)
        cls.client = cls.lab.host("client", 12)

    def assert_serves(self):
        """All that an operator expects of a node that is up, as seen from the second host."""
        self.assertEqual({unit: self.node.active(unit) for unit in node.UNITS}, dict.fromkeys(node.UNITS, "active"))
        self.assertEqual(self.node.quick(["systemctl", "--failed", "--no-legend", "--plain"]).out, "")
        status = self.node.run(["orama", "status"])
        self.assertEqual(status.status, 0, status)
        answer = node.through_caddy(self.client, self.node, "/v1/health", "--http2", "--tlsv1.3", "-w",
                                    "\n%{http_version} %{http_code} %{ssl_verify_result}")
        self.assertEqual(answer.status, 0, f"{answer}\n{node.journal(self.node, 'caddy')}")
        body, _, facts = answer.out.rpartition("\n")
        self.assertEqual(facts, "2 200 0", answer)
        self.assertEqual(json.loads(body)["status"], "ok", answer)
        banner = self.client.curl("-m", "2", f"telnet://{self.node.address}:22")
        self.assertTrue(banner.out.startswith("SSH-2.0-"), banner)

    def test_01_packages_change_nothing_but_files(self):
        install = node.install_packages(self.node)
        self.assertNotIn("Failed", install.out + install.err)
        for unit in node.UNITS:
            if unit.startswith("orama"):
                self.assertEqual(self.node.active(unit), "inactive", unit)
        self.assertFalse(self.node.exists("/etc/orama"))
        self.assertNotIn("orama", self.node.read("/etc/passwd"))
        version = self.node.run(["orama", "version"]).check()
        self.assertRegex(version.out, r"\b0\.\d+\.\d+\b")
        components = self.node.run(["orama", "version", "--all"]).check()
        for module in ("github.com/rqlite/rqlite/v8", "github.com/olric-data/olric", "github.com/ipfs/kubo",
                       "github.com/ipfs-cluster/ipfs-cluster"):
            self.assertIn(module, components.out)

    def test_02_plan_writes_nothing(self):
        before = node.write_marks(self.node)
        plan = self.node.run(node.install_command(self.node, "--nameserver", "--plan"))
        self.assertIn(plan.status, (0, 3), plan)
        self.assertIn("orama-gateway.service", plan.out)
        self.assertEqual(node.difference(before, node.write_marks(self.node)), [])

    def test_03_install(self):
        type(self).before = node.content(self.node)
        done = self.node.run(node.install_command(self.node, "--nameserver"), timeout=300)
        print(f"\n{done.out}{done.err}({done.seconds:.1f} s)", flush=True)
        self.assertEqual(done.status, 0, done)
        for word in (node.DOMAIN, self.node.address, "orama status", "/etc/orama/secrets"):
            self.assertIn(word, done.out)

    def test_04_node_serves(self):
        self.assert_serves()

    def test_05_plain_http_redirects_and_answers_health(self):
        health = self.client.curl("-w", "\n%{http_code}", f"http://{self.node.address}/health")
        self.assertTrue(health.out.endswith("\n200"), health)
        redirect = self.client.curl("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", "-H", f"Host: {node.DOMAIN}",
                                    f"http://{self.node.address}/v1/version")
        self.assertEqual(redirect.out, f"308 https://{node.DOMAIN}/v1/version", redirect)

    def test_06_engines_are_unreachable_from_outside(self):
        mesh = json.loads(self.node.read("/var/lib/orama/agent/node.json"))["mesh_ip"]
        # a neighbour on the same wire may send packets for the mesh address too
        self.client.quick(["ip", "route", "replace", f"{mesh}/32", "via", self.node.address]).check()
        for address in (self.node.address, mesh):
            for port in ENGINE_PORTS:
                self.assertFalse(self.client.port_open(address, port), f"{address}:{port} answers from outside")
        self.assertTrue(self.client.port_open(self.node.address, 443))
        self.assertTrue(self.node.port_open(mesh, 5001), "the registry listens where the probe looked for it")

    def test_07_second_run_writes_and_restarts_nothing(self):
        again = self.assert_changes_nothing("--nameserver")
        print(f"\nsecond run: {again.seconds:.2f} s", flush=True)
        self.assertLess(again.seconds, 10)  # 2 s wanted, fivefold slack

    def assert_changes_nothing(self, *more):
        """Another `orama install` with these flags writes no file and restarts no unit."""
        marks, starts = node.write_marks(self.node, self.data()), node.unit_starts(self.node)
        again = self.node.run(node.install_command(self.node, *more))
        self.assertEqual(again.status, 0, again)
        self.assertEqual(node.difference(marks, node.write_marks(self.node, self.data())), [])
        self.assertEqual(node.unit_starts(self.node), starts)
        return again

    @staticmethod
    def data():
        """Databases and logs of running services, which write when they like."""
        return ("/var/lib/orama/rqlite", "/var/log/orama/gateway", "/var/lib/caddy")

    def test_08_the_nameserver_role_is_given_up_and_taken_again(self):
        self.assert_port_53("open")
        for flag, port in (("--no-nameserver", "closed"), ("--nameserver", "open")):
            done = self.node.run(node.install_command(self.node, flag))
            self.assertEqual(done.status, 0, done)
            self.assert_port_53(port)
            self.assertEqual(self.node.run(["orama", "status"]).status, 0)
            self.assert_changes_nothing(flag)
            self.assert_changes_nothing()  # the role is remembered
            self.assert_port_53(port)

    def assert_port_53(self, wanted):
        """In UFW's own words, and from outside: refused by the host, where nothing listens yet, or dropped by UFW."""
        rules = self.node.run(["ufw", "status"]).check().out
        self.assertEqual(re.findall(r"(?m)^53(?:/\w+)?(?: \(v6\))?  ", rules) != [], wanted == "open", rules)
        probe = self.client.curl("-m", "2", f"telnet://{self.node.address}:53")
        self.assertEqual(probe.status, {"open": 7, "closed": 28}[wanted], probe)

    def test_09_status_tells_people_and_machines(self):
        machine = json.loads(self.node.run(["orama", "status", "--json"]).check().out)
        self.assertIn("orama-gateway.service", json.dumps(machine))
        self.node.run(["useradd", "-m", "plain"]).check()
        plain = self.node.run(["runuser", "-u", "plain", "--", "orama", "status"])
        self.assertEqual(plain.status, 0, plain)
        self.assertIn("orama-gateway", plain.out)
        self.node.run(["userdel", "-r", "plain"])

    def test_10_after_a_reboot(self):
        self.node.reboot()
        wait_for("status says healthy", lambda: self.node.run(["orama", "status"]).status == 0, 60, pause=0.5)
        self.assert_serves()

    def test_11_after_a_power_cut(self):
        self.node.power_loss()
        self.node.start()
        wait_for("status says healthy", lambda: self.node.run(["orama", "status"]).status == 0, 60, pause=0.5)
        self.assert_serves()

    def test_12_upgrade_leaves_the_engines_alone(self):
        engines = {"registry": "orama-rqlite", "database": "orama-rqlite@default", "cache": "orama-olric", "storage": "orama-ipfs",
                   "pinning": "orama-ipfs-cluster"}
        before = {unit: self.node.pid_of(unit) for unit in (*engines.values(), "orama-wireguard", "orama-gateway", "orama-agent")}
        sockets = node.unit_starts(self.node, ["orama-gateway.socket", "caddy.service"])
        for deb in node.newer(self.debs, self.lab.folder):
            self.node.put(deb, "/root/")
        self.node.shell("apt-get -qy install ./orama_upgrade.deb ./orama-components_upgrade.deb && rm ./*_upgrade.deb").check()
        status = wait_for("status says healthy", lambda: (s := self.node.run(["orama", "status"])).status == 0 and s, 30, pause=0.5)
        after = {unit: self.node.pid_of(unit) for unit in before}
        for unit in (*engines.values(), "orama-wireguard"):
            self.assertEqual(after[unit], before[unit], unit)
        self.assertNotEqual(after["orama-gateway"], before["orama-gateway"])
        self.assertNotEqual(after["orama-agent"], before["orama-agent"])
        self.assertEqual(node.unit_starts(self.node, ["orama-gateway.socket", "caddy.service"]), sockets)
        self.assertIn("restart pending", status.out)
        for engine in engines:
            self.node.run(["orama", "restart", engine]).check()
        wait_for("nothing is pending", lambda: "restart pending" not in self.node.run(["orama", "status"]).out, 30, pause=0.5)
        self.assert_serves()

    def test_13_uninstall_restores_what_was(self):
        done = self.node.run(["orama", "uninstall", "--purge", "--yes"], timeout=180)
        print(f"\n{done.out}{done.err}", flush=True)
        self.assertEqual(done.status, 0, done)
        for unit in node.UNITS[:-1]:
            self.assertIn(self.node.active(unit), ("inactive", "failed"), unit)
        self.assertIn("Status: inactive", self.node.run(["ufw", "status"]).out)
        self.assertEqual(self.node.active("caddy"), "active")
        ignored = ("/usr/lib/orama", "/var/lib/caddy", "/var/log", "/var/lib/ucf", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
                   "/var/lib/logrotate", "/var/lib/dpkg", "/etc/subuid", "/etc/subgid", "/etc/subuid-", "/etc/subgid-")
        before = {p: v for p, v in self.before.items() if not any(p == i or p.startswith(i + "/") for i in ignored)}
        self.assertEqual(node.difference(before, node.content(self.node, ignored)), [])

    def test_14_purge_leaves_nothing(self):
        done = self.node.run(["apt-get", "-qy", "purge", "orama", "orama-components"]).check()
        self.assertNotIn("left on this host", done.err + done.out)
        found = self.node.quick(["find", "/etc", "/usr", "/var", "/lib", "/run", "-xdev", "-iname", "*orama*", "-not", "-path",
                                 "/var/cache/*", "-not", "-path", "/var/log/journal/*", "-not", "-path", "/var/lib/apt/*"])
        self.assertEqual(found.out, "")
        for table in ("/etc/passwd", "/etc/group"):
            self.assertNotIn("orama", self.node.read(table))

    def test_15_uninstall_keeps_keys_and_data_and_says_so(self):
        node.install_packages(self.node)
        node.install_node(self.node)
        identity = json.loads(self.node.read("/var/lib/orama/agent/node.json"))["id"]
        done = self.node.run(["orama", "uninstall", "--verify", "--yes"], timeout=180)
        self.assertEqual(done.status, 0, done)
        for kept in ("/etc/orama/secrets/node.key", "/var/lib/orama/rqlite"):
            self.assertTrue(self.node.exists(kept), kept)
            self.assertIn(kept, done.out)
        self.assertIn("Status: inactive", self.node.run(["ufw", "status"]).out)
        self.assertEqual(self.node.active("orama-rqlite"), "inactive")
        again = self.node.run(["orama", "uninstall", "--yes"])
        self.assertEqual(again.status, 0, again)
        self.assertTrue(identity)

    def test_16_purge_without_uninstall_names_what_is_left(self):
        done = self.node.run(["apt-get", "-qy", "purge", "orama", "orama-components"]).check()
        self.assertRegex(done.out + done.err, "left on this host:.* /etc/orama /var/lib/orama")
        self.assertTrue(self.node.exists("/etc/orama/secrets/node.key"))


def configure(arguments):
    global SUITE
    SUITE = arguments.suite


if __name__ == "__main__":
    node.main(__doc__, lambda parser: parser.add_argument("--suite", default=SUITE, choices=["bookworm", "trixie"]), configure)
