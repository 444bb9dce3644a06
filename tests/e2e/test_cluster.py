"""What a developer sees of the cluster of `make dev`: every node healthy, the lines that were printed work, what is
killed is missed and comes back, a restart is a restart."""

import json
import os
import signal
import shlex
import subprocess
import unittest

from dev_cluster import listeners, wait_for


class ClusterTest(unittest.TestCase):
    """`cluster` is set by run.py: one that is up."""

    cluster = None

    def setUp(self):
        self.nodes = self.cluster.nodes()
        self.addresses = {name: node["gateway"] for name, node in self.nodes.items()}
        self.assertGreaterEqual(len(self.nodes), 2)

    def each(self, path):
        return {name: self.cluster.get(url, path) for name, url in self.addresses.items()}

    def peers_of(self, name):
        return self.cluster.get(self.addresses[name], "/v1/status")["network"]["peer_count"]

    def wait_until_whole(self):
        def whole():
            return not any(node["problems"] for node in self.cluster.nodes().values())
        wait_for(whole, 120, "the cluster is whole")

    def test_every_engine_of_every_node_is_healthy(self):
        for name, health in self.each("/v1/health").items():
            with self.subTest(node=name):
                self.assertEqual(health["status"], "ok")
                self.assertIn("registry", health["checks"])
                for check, state in health["checks"].items():
                    self.assertIn(state["status"], ("up", "disabled"), check)

    def test_gateways_answer_on_their_mesh_address_too(self):
        for name, node in self.nodes.items():
            with self.subTest(node=name):
                self.assertEqual(self.cluster.get(f"http://{node['mesh_ip']}:6001", "/livez"), {"status": "ok"})

    def test_every_node_sees_all_others(self):
        ids = set()
        for name, status in self.each("/v1/status").items():
            with self.subTest(node=name):
                self.assertTrue(status["network"]["connected"])
                self.assertEqual(status["network"]["peer_count"], len(self.nodes) - 1)
                ids.add(status["network"]["node_id"])
        self.assertEqual(len(ids), len(self.nodes))

    def test_all_run_one_version(self):
        versions = {answer["version"] for answer in self.each("/v1/version").values()}
        self.assertEqual(len(versions), 1)

    def test_a_second_up_says_so_and_prints_lines_that_work(self):
        before = self.cluster.processes()
        again = self.cluster.data("up")
        self.assertTrue(again["already_up"])
        self.assertEqual(self.cluster.processes(), before)
        self.assertEqual(len(again["try"]), 3)
        for line in again["try"]:
            with self.subTest(line=line):
                done = subprocess.run(shlex.split(line) + ["--silent", "--fail"], capture_output=True, timeout=20,
                                      check=False)
                self.assertEqual(done.returncode, 0)
                self.assertIsInstance(json.loads(done.stdout), dict)

    def test_a_killed_node_is_missed_and_comes_back_by_itself(self):
        names = sorted(self.nodes)
        victim, others = names[-1], names[:-1]
        # Long enough that the others are asked in time on a busy machine.
        self.cluster.run("kill", victim, "--for", "8s")
        for name in others:
            wait_for(lambda name=name: self.peers_of(name) == len(names) - 2, 30, f"{name} misses {victim}")
        self.assertTrue(self.cluster.nodes()[victim]["off"])
        self.wait_until_whole()
        for name in names:
            self.assertEqual(self.peers_of(name), len(names) - 1)

    def test_each_killed_process_is_started_again(self):
        victim = sorted(self.nodes)[-1]
        before = {unit: pid for (node, unit), pid in self.cluster.processes().items() if node == victim}
        self.assertIn("orama-gateway.service", before)
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)

        def all_new():
            now = {unit: pid for (node, unit), pid in self.cluster.processes().items() if node == victim}
            return now.keys() == before.keys() and not set(now.values()) & set(before.values())
        wait_for(all_new, 30, "every unit has a new process")
        self.wait_until_whole()

    def test_a_restart_gives_new_processes_and_a_whole_cluster(self):
        victim = sorted(self.nodes)[0]
        before = self.cluster.processes()
        self.cluster.run("restart", victim)
        after = self.cluster.processes()
        for (node, unit), pid in after.items():
            with self.subTest(node=node, unit=unit):
                (self.assertNotEqual if node == victim else self.assertEqual)(pid, before[node, unit])
        self.assertEqual(before.keys(), after.keys())

    def test_logs_of_a_node_and_of_a_unit(self):
        name = sorted(self.nodes)[0]
        self.assertIn("serving", self.cluster.run("logs", name, "gateway", "--lines", "9999").stdout)
        self.assertIn("orama-agent", self.cluster.run("logs", name).stdout)
        refused = self.cluster.run("logs", name, "nothing", wanted=(5,))
        self.assertIn("orama-gateway.service", refused.stderr)


class OwnClusterTest(unittest.TestCase):
    """What needs a cluster of this run's own: its end, and its next start."""

    cluster = None

    def test_what_stops_leaves_nothing_and_what_starts_again_is_the_same(self):
        ids = {self.cluster.get(node["gateway"], "/v1/status")["network"]["node_id"]
               for node in self.cluster.nodes().values()}
        before = self.cluster.processes()
        mine = {place for place in listeners() if place[0].startswith("127.0.1.")}
        self.assertTrue(mine)
        self.cluster.run("down")
        for (node, unit), pid in before.items():
            self.assertFalse(os.path.exists(f"/proc/{pid}"), f"{unit} of {node} still runs")
        self.assertFalse({place for place in listeners() if place[0].startswith("127.0.1.")})
        self.cluster.run("status", wanted=(11,))
        again = self.cluster.up()
        self.assertFalse(again["already_up"])
        # 15 s, with the slack that a busy machine gets.
        self.assertLess(again["elapsed_ms"], 5 * 15000)
        now = {self.cluster.get(node["gateway"], "/v1/status")["network"]["node_id"]
               for node in self.cluster.nodes().values()}
        self.assertEqual(now, ids)

    def test_a_killed_supervisor_takes_all_with_it_and_up_brings_all_back(self):
        before = self.cluster.processes()
        pid = supervisor_of(self.cluster)
        os.kill(pid, signal.SIGKILL)
        for child in before.values():
            wait_for(lambda child=child: not os.path.exists(f"/proc/{child}"), 10, f"process {child} is gone")
        self.cluster.run("status", wanted=(11,))
        self.assertFalse(self.cluster.up()["already_up"])
        self.assertEqual(self.cluster.processes().keys(), before.keys())


def supervisor_of(cluster):
    """Its number, from the parent of any of its processes."""
    child = next(iter(cluster.processes().values()))
    with open(f"/proc/{child}/stat", encoding="ascii", errors="replace") as file:
        return int(file.read().rpartition(")")[2].split()[1])
