"""How a development cluster begins, each time from nothing: the embedded gateway, taken ports, killed starts."""

import os
import pathlib
import random
import socket
import tempfile
import unittest

from dev_cluster import DevCluster


class StartTest(unittest.TestCase):
    """Runs where no cluster does; `orama` and `kills` are set by run.py."""

    orama = None
    kills = 0

    def setUp(self):
        self.cluster = DevCluster(self.orama, 2)
        if self.cluster.is_up():
            self.skipTest("a development cluster runs")
        self.cluster.folder = tempfile.mkdtemp(prefix="orama-e2e-")
        self.cluster.environment["XDG_STATE_HOME"] = self.cluster.folder
        self.addCleanup(self.cluster.remove)

    def test_the_embedded_gateway(self):
        begun = self.cluster.data("up", "--embedded")
        self.assertFalse(begun["already_up"])
        self.assertLess(begun["elapsed_ms"], 5 * 2000)
        self.assertEqual(self.cluster.get("http://localhost:6001", "/v1/health")["status"], "ok")
        self.assertTrue(self.cluster.data("up", "--embedded")["already_up"])
        refused = self.cluster.data("up", wanted=(6,))
        self.assertIn("embedded", refused["message"])
        self.cluster.run("restart", "embedded")
        self.cluster.run("down", "--purge")
        self.assertFalse(pathlib.Path(self.cluster.folder, "orama/dev").exists())

    def test_ports_that_are_taken_are_named_before_anything_starts(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.1.2", 5001))
            taken.listen()
            refused = self.cluster.up(wanted=(6,))
        self.assertIn("127.0.1.2:5001", refused["message"])
        self.assertNotIn("127.0.1.1:5001", refused["message"])
        self.cluster.run("status", wanted=(11,))

    def test_a_start_that_was_killed_goes_on(self):
        if not self.kills:
            self.skipTest("only in full")
        chance = random.Random(int(os.environ.get("SEED", "1")))
        while_at_it = sum(self.cluster.kill_start(chance.uniform(0.1, 6)) for _ in range(self.kills))
        self.assertGreater(while_at_it, 0)
        self.cluster.up()
        self.assertEqual(len(self.cluster.nodes()), 2)
        self.assertFalse(any(node["problems"] for node in self.cluster.nodes().values()))

