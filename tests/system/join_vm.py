#!/usr/bin/env python3
"""A virtual machine with the kernel's WireGuard joins two containers, which run wireguard-go: real packages, the printed
command, a mesh over both back ends. Then the back end changes under a running node, the machine reboots, joins with a
clock that is a day off either way, and is uninstalled. In order, on one set of hosts."""

import datetime
import json
import re
import unittest

import node
from cluster import Cluster, status
from lab import Lab, wait_for

SLOW = 240  # an emulated machine
DAY = 24 * 3600


class JoinVm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.containers = [cls.cluster.genesis(), cls.cluster.raise_host("node2", 12)]
        cls.vm = cls.cluster.raise_vm("vm1", 13)
        cls.hosts = [*cls.containers, cls.vm]

    def join(self, host):
        done = self.cluster.join(host, times=3)
        print(f"\n{done.out}{done.err}({done.seconds:.1f} s)", flush=True)
        return done

    def assert_whole(self):
        for host in self.hosts:
            wait_for(f"{host.name} is healthy", lambda h=host: h.run(["orama", "status"]).status == 0, SLOW, pause=1)
            wait_for(f"{host.name} has a fresh handshake with both", lambda h=host: fresh_handshakes(h) == 2, SLOW, pause=1)
            data = status(host)
            self.assertEqual(data["admin"]["nodes"], {"total": 3, "up": 3}, data)

    def assert_back_end(self, host, name, kind):
        self.assertEqual(mesh(host)["back_end"], name)
        self.assertEqual(link_kind(host), kind)
        self.assertIn(f"{name} device", host.run(["orama", "status"]).out)

    def test_01_a_container(self):
        self.join(self.containers[1])

    def test_02_the_printed_command_makes_the_machine_a_member(self):
        self.join(self.vm)
        self.assert_whole()

    def test_03_each_host_has_the_device_that_its_kernel_makes(self):
        print(self.vm.run(["ip", "-d", "link", "show", "orama0"]).check().out, flush=True)
        self.assert_back_end(self.vm, "kernel", "wireguard")
        for host in self.containers:
            self.assert_back_end(host, "wireguard-go", "tun")
        self.assertEqual(self.vm.run(["pgrep", "-x", "wireguard-go"]).status, 1, "wireguard-go runs beside the kernel's")

    def test_04_a_device_deleted_by_hand_comes_back(self):
        self.vm.run(["ip", "link", "delete", "orama0"]).check()
        wait_for("the mesh is back", lambda: fresh_handshakes(self.vm) == 2, SLOW, pause=1)
        self.assert_whole()

    def test_05_the_end_of_its_keeper_costs_no_packet(self):
        index = self.vm.run(["cat", "/sys/class/net/orama0/ifindex"]).check().out
        before = self.vm.pid_of("orama-wireguard")
        self.vm.run(["kill", "-9", str(before)]).check()
        wait_for("its unit runs again", lambda: self.vm.pid_of("orama-wireguard") not in (0, before), SLOW)
        wait_for("it holds the device", lambda: self.vm.active("orama-wireguard") == "active", SLOW)
        self.assertEqual(self.vm.run(["cat", "/sys/class/net/orama0/ifindex"]).check().out, index)

    def test_06_a_kernel_that_loses_wireguard_and_gets_it_back(self):
        self.vm.write("/etc/modprobe.d/lab.conf", "install wireguard /bin/false\n")
        self.vm.shell("systemctl stop orama-wireguard && modprobe -r wireguard && orama restart wireguard").check()
        wait_for("wireguard-go has taken over", lambda: fresh_handshakes(self.vm) == 2, SLOW, pause=1)
        self.assert_back_end(self.vm, "wireguard-go", "tun")
        self.assert_whole()
        self.vm.run(["rm", "/etc/modprobe.d/lab.conf"]).check()
        self.vm.run(["orama", "restart", "wireguard"]).check()
        wait_for("the kernel has taken over", lambda: fresh_handshakes(self.vm) == 2, SLOW, pause=1)
        self.assert_back_end(self.vm, "kernel", "wireguard")
        self.assert_whole()

    def test_07_a_reboot(self):
        self.vm.reboot()
        self.assert_whole()
        self.assert_back_end(self.vm, "kernel", "wireguard")
        again = self.vm.run(["orama", "install"], timeout=600).check()
        self.assertIn("Nothing to do", again.out)

    def test_08_uninstall_leaves_no_interface(self):
        self.uninstall()

    def test_09_a_clock_that_is_a_day_ahead(self):
        self.joins_with_a_clock(DAY)

    def test_10_and_it_goes_again(self):
        self.goes()

    def test_11_a_clock_that_is_a_day_behind(self):
        self.joins_with_a_clock(-DAY)

    def test_12_and_it_goes_again(self):
        self.goes()

    def joins_with_a_clock(self, off):
        now = int(self.containers[0].run(["date", "+%s"]).check().out)
        self.vm.run(["date", "-s", f"@{now + off}"]).check()
        # A host that boots with a wrong clock has nothing that Caddy made under another.
        self.vm.run(["rm", "-rf", "/var/lib/caddy/.local", "/var/lib/caddy/.config"]).check()
        done = self.join(self.vm)
        told = next((line for line in (done.out + done.err).splitlines() if "This host's clock" in line), "")
        clocks = [datetime.datetime.fromisoformat(text) for text in re.findall(r"\d{4}-\d\d-\d\dT[\d:.]+", told)]
        self.assertEqual(len(clocks), 2, "both clocks are to be printed")
        self.assertAlmostEqual((clocks[0] - clocks[1]).total_seconds(), off, delta=600)
        self.assert_whole()

    def goes(self):
        self.uninstall()
        for host in self.containers:
            wait_for(f"{host.name} has dropped it", lambda h=host: len(mesh(h)["device"]["peers"]) == 1, 60, pause=0.5)

    def uninstall(self):
        done = self.vm.run(["orama", "uninstall", "--purge", "--yes"], timeout=600)
        print(f"\n{done.out}{done.err}({done.seconds:.1f} s)", flush=True)
        done.check()
        self.assertEqual(self.vm.run(["ip", "link", "show", "orama0"]).status, 1, "orama0 is still there")
        self.assertEqual(self.vm.run(["ip", "-brief", "link", "show", "type", "wireguard"]).out, "")


def mesh(host):
    return json.loads(host.run(["orama", "mesh", "show", "--json"]).check().out)["data"]


def link_kind(host):
    link = json.loads(host.run(["ip", "-json", "-details", "link", "show", "orama0"]).check().out)[0]
    return link["linkinfo"]["info_kind"]


def fresh_handshakes(host):
    """Peers of this device that have answered it; a new device begins with none."""
    shown = host.run(["orama", "mesh", "show", "--json"])
    device = json.loads(shown.out)["data"]["device"] if shown.status in (0, 3) else None
    return sum(1 for peer in device["peers"] if peer["last_handshake"]) if device else 0


if __name__ == "__main__":
    node.main(__doc__)
