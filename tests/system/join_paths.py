#!/usr/bin/env python3
"""A second host joins over bad paths: UDP that is lost one way, a narrow path with and without ICMP, IPv6 only, a mesh
range that is in use there. (A wrong clock: join_vm.py.) Each works or names the fix, and then works by the same command.

One founding host serves all cases but the IPv6 one; each case gets a fresh copy of a host that has the packages, and
takes its node out of the cluster again."""

import json
import unittest

import node
from lab import Lab, wait_for

WIREGUARD = 51820


class JoinCase(unittest.TestCase):
    """A founding host, and a stopped host that has the packages."""

    family = "4"

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        debs = node.packages()
        needed = node.dependencies(debs)
        cls.template = cls.lab.host("template", 10, packages=needed, family=cls.family)
        for deb in debs:
            cls.template.put(deb, "/root/")
        node.install_packages(cls.template)
        cls.template.stop()
        cls.genesis = cls.lab.host("node1", 11, like=cls.template, packages=needed, family=cls.family)
        cls.genesis_address = cls.genesis.address6 if cls.family == "6" else cls.genesis.address
        cls.genesis.run(["orama", "install", "--vps-ip", cls.genesis_address, "--domain", node.DOMAIN]).check()
        cls.needed = needed

    def setUp(self):
        self.joiner, self.command = None, []

    def tearDown(self):
        if self.joiner and self.joiner.name in self.lab.hosts:
            self.genesis.run(["orama", "node", "remove", self.joiner.name, "--force", "--yes"])
            self.joiner.destroy()

    def fresh(self, name, number):
        """A host of that name with an invitation's command in /root/join."""
        self.joiner = self.lab.host(name, number, like=self.template, packages=self.needed, family=self.family)
        self.joiner.shell(f"echo '{self.genesis_address} {node.DOMAIN}' >>/etc/hosts").check()
        invite = json.loads(self.genesis.run(["orama", "invite", "--note", name, "--json"]).check().out)["data"]
        self.invite = invite["id"]
        # From a file, because the lab's own way of running a command logs it.
        self.joiner.write("/root/join", invite["command"].removeprefix("sudo ") + "\n")
        return self.joiner

    def join(self, prefix=()):
        done = self.joiner.run([*prefix, "sh", "/root/join"], timeout=300)
        print(f"\n{done.out}{done.err}({done.seconds:.1f} s)", flush=True)
        return done

    def row(self):
        """This joiner as the founding host's registry has it."""
        nodes = json.loads(self.genesis.run(["orama", "node", "list", "--json"]).check().out)["data"]["nodes"]
        return next((n for n in nodes if n["name"] == self.joiner.name and n["state"] not in ("removed", "released")), None)

    def invite_state(self):
        listed = json.loads(self.genesis.run(["orama", "invite", "list", "--all", "--json"]).check().out)["data"]["invites"]
        return next(i["state"] for i in listed if i["id"] == self.invite)

    def assert_no_engine(self):
        for unit in ("orama-rqlite.service", "orama-gateway.service", "orama-gateway.socket", "orama.target"):
            self.assertNotEqual(self.joiner.active(unit), "active", unit)
        found = self.joiner.quick(["find", "/var/lib/orama/rqlite", "-type", "f"])
        self.assertEqual(found.out, "", "the registry has data before the mesh was proven")

    def assert_member(self):
        for host in (self.genesis, self.joiner):
            wait_for(f"{host.name} is healthy", lambda h=host: h.run(["orama", "status"]).status == 0, 60, pause=0.5)
        self.assertEqual(self.row()["state"], "ready")

    def mesh(self, host=None):
        return json.loads((host or self.joiner).run(["orama", "mesh", "show", "--json"]).check().out)["data"]

    def peers_of(self, host):
        return len(self.mesh(host)["device"]["peers"])

    def mesh_ip(self):
        return json.loads(self.joiner.read("/var/lib/orama/agent/node.json"))["mesh_ip"]


class BlockedUdp(JoinCase):
    def blocked(self, source, target, *words):
        """Lost on that way the join names port and direction before any engine runs; then the same command works."""
        self.lab.block(source, target, WIREGUARD)
        try:
            done = self.join()
            text = done.out + done.err
            self.assertEqual(done.status, 11, done)
            for word in ("51820", *words):
                self.assertIn(word, text, done)
            self.assert_no_engine()
            address = self.mesh_ip()
            again = self.join()  # still blocked: the same error, and nothing else has happened
            self.assertEqual(again.status, 11, again)
            self.assert_no_engine()
        finally:
            self.lab.unblock()
        done = self.join()
        self.assertEqual(done.status, 0, done)
        self.assertEqual(self.mesh_ip(), address)
        self.assert_member()

    def test_udp_from_the_joiner_is_lost(self):
        joiner = self.fresh("node2", 12)
        self.blocked(joiner.address, self.genesis.address, "packets of this host do not arrive there",
                     f"at {self.genesis.address}:51820 let UDP 51820 in, and here out")

    def test_udp_to_the_joiner_is_lost(self):
        joiner = self.fresh("node3", 13)
        self.blocked(self.genesis.address, joiner.address, "packets of this host arrive there",
                     "theirs do not arrive here", "here let UDP 51820 in")

    def test_udp_is_lost_both_ways(self):
        joiner = self.fresh("node4", 14)
        self.lab.block(joiner.address, self.genesis.address, WIREGUARD)
        self.blocked(self.genesis.address, joiner.address, "packets of this host do not arrive there")


class NarrowPath(JoinCase):
    def narrow(self, name, number, wanted_mtu, *more):
        """The joiner sits behind a path of 1280 bytes; what it measured holds over a power loss."""
        joiner = self.fresh(name, number)
        joiner.move_away(1280, *more)
        done = self.join()
        self.assertEqual(done.status, 0, done)
        self.assertIn(f"orama0 gets the MTU {wanted_mtu}", done.out + done.err, done)
        self.assert_member()
        self.assert_carries(wanted_mtu)
        joiner.power_loss()
        joiner.start()
        self.assert_member()
        self.assert_carries(wanted_mtu)

    def assert_carries(self, mtu):
        self.assertEqual(self.mesh()["mtu"], mtu)
        # Both ways over TCP, far more than one packet: the smaller side's MTU holds for both.
        for source, target in ((self.joiner, "10.0.0.1"), (self.genesis, self.mesh_ip())):
            body = source.curl("-o", "/dev/null", "-w", "%{http_code}", "-H", f"X-Long: {'x' * 6000}",
                               f"http://{target}:6001/livez")
            self.assertRegex(body.out, "^(200|431)$", body)

    def test_a_path_of_1280_is_measured(self):
        self.narrow("node2", 12, 1280 - 60)

    def test_a_path_of_1280_without_any_icmp_gets_1200(self):
        self.narrow("node3", 13, 1200, "quiet")


class MeshRangeInUse(JoinCase):
    def configure(self, text):
        self.genesis.write("/etc/orama/orama.yaml", text)
        self.genesis.run(["systemctl", "restart", "orama-gateway"]).check()
        wait_for("the founding host is healthy", lambda: self.genesis.run(["orama", "status"]).status == 0, 30, pause=0.5)

    def in_use(self, use, free, *words):
        """`use` puts the range on the host. The join stops before it changes the network, and names the fix; the sweep
        frees the place; then the same command works and has the address that it had before."""
        kept = self.genesis.read("/etc/orama/orama.yaml")
        self.addCleanup(self.configure, kept)
        self.configure(f"{kept}join:\n  confirm_within: 8s\n")
        self.joiner.shell(use).check()
        rules = self.joiner.quick(["ip", "-4", "route"]).out
        done = self.join()
        self.assertEqual(done.status, 7, done)
        for word in ("nothing but orama's users and keys was made", *words, "type the same command again"):
            self.assertIn(word, done.out + done.err, done)
        self.assert_no_engine()
        self.assertFalse(self.joiner.exists("/var/lib/orama/agent/node.json"))
        self.assertEqual(self.joiner.quick(["ip", "-4", "route"]).out, rules)
        self.assertNotEqual(self.joiner.quick(["ip", "link", "show", "orama0"]).status, 0)
        self.assertIn("inactive", self.joiner.run(["ufw", "status"]).out)
        address = self.row()["mesh_ip"]
        wait_for("the sweep releases the place", lambda: self.row() is None, 30, pause=0.5)
        self.assertEqual(self.invite_state(), "pending")
        wait_for("no member knows the peer any more", lambda: self.peers_of(self.genesis) == 0, 10)
        self.joiner.shell(free).check()
        self.configure(kept)
        done = self.join()
        self.assertEqual(done.status, 0, done)
        self.assertEqual(self.mesh_ip(), address)
        self.assert_member()

    def test_an_address_of_the_range(self):
        self.fresh("node2", 12)
        self.in_use("ip link add office0 type veth peer name office1; ip link set office0 up; ip link set office1 up; "
                    "ip address add 10.0.0.77/24 dev office0", "ip link delete office0",
                    "office0 has 10.0.0.77/24", "take that address or route off this host")

    def test_a_route_into_the_range(self):
        joiner = self.fresh("node3", 13)
        self.in_use(f"ip route add 10.0.0.128/25 via {self.genesis.address} dev eth0 src {joiner.address}",
                    "ip route delete 10.0.0.128/25", "there is a route to 10.0.0.128/25 by eth0",
                    "take that address or route off this host")

    def test_a_founding_host_is_told_of_another_range(self):
        joiner = self.fresh("node4", 14)
        joiner.shell("ip route add 10.0.0.0/8 dev eth0").check()
        done = joiner.run(["orama", "install", "--vps-ip", joiner.address, "--domain", "other.example.com"])
        self.assertEqual(done.status, 7, done)
        self.assertIn("--mesh-cidr 172.29.77.0/24", done.out + done.err)


class Ipv6Only(JoinCase):
    family = "6"

    def test_two_hosts_without_ipv4(self):
        joiner = self.fresh("node2", 12)
        for host in (self.genesis, joiner):
            self.assertEqual(host.quick(["ip", "-4", "-o", "addr", "show", "dev", "eth0"]).out, "")
        done = self.join()
        self.assertEqual(done.status, 0, done)
        self.assert_member()
        peer = self.mesh()["device"]["peers"][0]
        self.assertEqual(peer["endpoint"], f"[{self.genesis.address6}]:51820")
        self.assertTrue(joiner.port_open("10.0.0.1", 6001))
        for host in (self.genesis, joiner):
            host.power_loss()
        for host in (self.genesis, joiner):
            host.start()
        self.assert_member()


if __name__ == "__main__":
    node.main(__doc__)
