#!/usr/bin/env python3
"""A host of 1 GiB runs all of a node, on a kernel that enforces its units' limits: a virtual machine joins one container,
so that it holds a copy of all that the cache is given. A cache filled beyond its share and a large file kill nothing, and
an engine reaches the mesh and nothing else. In order, on one pair of hosts."""

import re
import time
import unittest

import node
from cluster import Cluster, mesh_ip
from lab import Lab, wait_for

SLOW = 300  # an emulated machine
MEMORY_MIB = 1024
CACHE_MIB, VALUE_KIB, TTL_SECONDS = 200, 10, 10
FILE_MIB = 300
ENGINES = {"orama-rqlite@default": "orama-db", "orama-olric": "orama-olric", "orama-ipfs": "orama-ipfs",
           "orama-ipfs-cluster": "orama-ipfs-cluster"}
UNITS = [unit.removesuffix(".service") for unit in node.UNITS if unit != "orama.target"] + list(ENGINES)

# Inside, because the lab's machine has no way to the engine but the emulated one. The last of every 64 replies is awaited.
FILL = r"""
import socket, sys
address, count, size, ttl = sys.argv[1], *map(int, sys.argv[2:])
link = socket.create_connection((address, 3320), 60)
answers = link.makefile("rb")

def words(*each):
    return b"*%d\r\n" % len(each) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in each)

def taken(n):
    for _ in range(n):
        answer = answers.readline()
        if answer != b"+OK\r\n":
            sys.exit("the cache answered %r" % answer)

link.sendall(words(b"AUTH", open("/etc/orama/secrets/olric-password", "rb").read().strip()))
taken(1)
for first in range(0, count, 64):
    last = min(first + 64, count)
    link.sendall(b"".join(words(b"DM.PUT", b"vm", b"key%d" % n, b"%010d" % n * (size // 10), b"EX", b"%d" % ttl) for n in range(first, last)))
    taken(last - first)
link.sendall(words(b"DM.GET", b"vm", b"key%d" % (count - 1)))
print("the last value has", answers.readline().decode().strip()[1:], "bytes")
"""

# $1: unit, $2: its user, the rest: a command that joins the unit's control group and then is that user.
WITHIN = r"""
group=$(systemctl show -p ControlGroup --value "$1")
user=$2
shift 2
echo $$ >"/sys/fs/cgroup$group/cgroup.procs"
exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"
"""


class EnginesVm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.cluster = Cluster(cls.lab)
        cls.groups = {}  # unit: its control group
        cls.container = cls.cluster.genesis()
        cls.vm = cls.cluster.raise_vm("vm1", 13)
        done = cls.cluster.join(cls.vm, times=3)
        print(f"\n{done.err}({done.seconds:.1f} s)", flush=True)

    def show(self, unit, *properties):
        shown = self.vm.run(["systemctl", "show", *(f"-p{p}" for p in properties), unit]).check().out
        return dict(line.split("=", 1) for line in shown.splitlines())

    def group_file(self, unit, name):
        if unit not in self.groups:
            self.groups[unit] = self.show(unit, "ControlGroup")["ControlGroup"]
        return self.vm.read(f"/sys/fs/cgroup{self.groups[unit]}/{name}")

    def meminfo_mib(self, field):
        return int(re.search(rf"{field}:\s+(\d+)", self.vm.read("/proc/meminfo"))[1]) >> 10

    def wait_healthy(self):
        wait_for("the machine is healthy", lambda: self.vm.run(["orama", "status"]).status == 0, SLOW, pause=1)
        states = self.vm.run(["systemctl", "is-active", *UNITS]).out.split()
        self.assertEqual(dict(zip(UNITS, states)), dict.fromkeys(UNITS, "active"))

    def mains(self):
        """Which process each unit runs, and how often it was begun again."""
        return self.vm.run(["systemctl", "show", "-pId,MainPID,NRestarts", *UNITS]).check().out

    def assert_nothing_killed(self, mains):
        for unit in ENGINES:
            events = dict(line.split() for line in self.group_file(unit, "memory.events").splitlines())
            print(f"{unit}: {int(self.group_file(unit, 'memory.current')) >> 20} MiB now, memory.events {events}", flush=True)
            self.assertEqual((events["oom"], events["oom_kill"]), ("0", "0"), unit)
        self.assertIn("oom_kill 0\n", self.vm.read("/proc/vmstat"))
        self.assertEqual(self.mains(), mains)
        self.wait_healthy()
        print(f"MemAvailable {self.meminfo_mib('MemAvailable')} of {self.meminfo_mib('MemTotal')} MiB", flush=True)

    def test_01_every_unit_runs(self):
        self.wait_healthy()
        self.assertLess(self.meminfo_mib("MemTotal"), MEMORY_MIB)
        print(self.vm.run(["ps", "-eo", "rss,args", "--sort=-rss"]).check().out[:2000], flush=True)
        self.assert_nothing_killed(self.mains())

    def test_02_the_kernel_has_their_limits(self):
        total = self.meminfo_mib("MemTotal")
        soft = 0
        for unit in ENGINES:
            shown = self.show(unit, "MemoryMax", "MemoryCurrent", "Environment", "IPAddressDeny", "IPAddressAllow")
            print(unit, shown, flush=True)
            self.assertEqual(self.group_file(unit, "memory.max").strip(), shown["MemoryMax"])
            self.assertLess(int(shown["MemoryMax"]) >> 20, total / 2)
            self.assertLess(0, int(shown["MemoryCurrent"]))
            soft += int(re.search(r"GOMEMLIMIT=(\d+)MiB", shown["Environment"])[1])
        self.assertLess(soft, total / 2)

    def test_03_an_engine_reaches_the_mesh_and_nothing_else(self):
        outside, inside = f"http://{self.container.address}/health", f"http://{mesh_ip(self.container)}:6001/livez"
        self.vm.write("/root/within", WITHIN)
        for unit, user in ENGINES.items():
            def reaches(url, *prefix):
                return self.vm.run([*prefix, "curl", "-s", "-o", "/dev/null", "-m", "20", "-w", "%{http_code}", url])

            self.assertIn("0.0.0.0/0", self.show(unit, "IPAddressDeny")["IPAddressDeny"])
            within = ["bash", "/root/within", unit, user]
            self.assertEqual(reaches(inside, *within).out, "200", unit)
            refused = reaches(outside, *within)
            self.assertNotEqual(refused.status, 0, unit)
            self.assertEqual(refused.out, "000", unit)
            # The same user, not in the unit: so it is the unit's rule that refuses.
            self.assertEqual(reaches(outside, "setpriv", "--reuid", user, "--clear-groups", "--").out, "200", unit)
            print(f"{unit}: {outside} from within ends with {refused.status}, from without with 200", flush=True)

    def test_04_a_cache_filled_beyond_its_share(self):
        mains = self.mains()
        self.vm.write("/root/fill.py", FILL)
        count = (CACHE_MIB << 10) // VALUE_KIB
        started = time.monotonic()
        filled = self.vm.run(["python3", "/root/fill.py", mesh_ip(self.vm), str(count), str(VALUE_KIB << 10), str(TTL_SECONDS)],
                             timeout=1800)
        print(f"\n{filled.out}{count} puts, {CACHE_MIB} MiB in {time.monotonic() - started:.0f} s; peak "
              f"{self.peak('orama-olric')}", flush=True)
        self.assertEqual(filled.check().out, f"the last value has {VALUE_KIB << 10} bytes\n")
        self.assert_nothing_killed(mains)

    def test_05_a_large_file(self):
        mains = self.mains()
        self.vm.run(["dd", "if=/dev/urandom", "of=/root/large", "bs=1M", f"count={FILE_MIB}", "status=none"], timeout=900).check()
        started = time.monotonic()
        added = self.vm.run(["curl", "-sS", "-F", "file=@/root/large", "http://127.0.0.1:4501/api/v0/add?cid-version=1&pin=true&progress=false"],
                            timeout=1800).check()
        print(f"\n{added.out}in {time.monotonic() - started:.0f} s; peak {self.peak('orama-ipfs')}", flush=True)
        self.assertIn('"Hash":"bafy', added.out)
        self.assert_nothing_killed(mains)

    def peak(self, unit):
        """The resident set at its largest."""
        return re.search(r"VmHWM:\s+(.*)", self.vm.read(f"/proc/{self.vm.pid_of(unit)}/status"))[1]


if __name__ == "__main__":
    node.main(__doc__)
