"""The gateway's probes against real engines: up, killed, stopped, back; and what it says of each."""
import signal
import time
import unittest

from engines import PASSWORD, Engines
from harness import Node, wait_for

SEEN_WITHIN = 10  # issue 11: an engine killed is seen in status within 10 s
NAMES = ("database", "cache", "storage", "pinning")


class EnginesTest(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.close)
        self.engines = Engines(self.node)
        self.addCleanup(self.engines.close)
        with open(self.node.config, "a", encoding="utf-8") as config:
            config.write(self.engines.configuration())

    def start(self, *absent):
        self.node.start_rqlited()
        for engine in self.engines.all:
            if engine.name not in absent:
                engine.start()
        self.node.start_gateway()
        self.node.wait_live()

    def health(self):
        code, body = self.node.get("/v1/health")
        return body if code == 200 else None

    def wait_status(self, expected, seconds=60):
        return wait_for(lambda: (body := self.health()) and body["status"] == expected and body, expected, seconds)

    def wait_check(self, name, expected, reason=None, seconds=60):
        def look():
            check = (self.health() or {"checks": {}})["checks"].get(name)
            return check and check["status"] == expected and check.get("reason") == reason and check
        return wait_for(look, f"{name} is {expected} ({reason})", seconds)

    def admin_status(self):
        code, body = self.node.call_admin("GET", "/admin/status")
        self.assertEqual(code, 200)
        return body

    def test_up_killed_and_back(self):
        node = self.node
        self.start()
        body = self.wait_status("ok")
        kinds = {name: (check["engine"], check["counted"]) for name, check in body["checks"].items()}
        self.assertEqual(kinds, {"registry": ("rqlite", True), "database": ("rqlite", True), "cache": ("olric", True),
                                 "storage": ("kubo", True), "pinning": ("ipfs-cluster", True),
                                 "mesh": ("wireguard", False)})
        self.assertTrue(all(body["checks"][name]["latency_ms"] > 0 for name in NAMES))
        network = node.get("/v1/status")[1]["network"]
        self.assertEqual(network["peer_id"], self.engines.storage_id)
        self.assertEqual(network["ipfs"]["peer_id"], self.engines.storage_id)
        self.assertIn(f"/ip4/{node.ip}/tcp/4001/p2p/{self.engines.storage_id}", network["ipfs"]["swarm_addresses"])
        self.assertEqual(network["ipfs_cluster"]["peer_id"], self.engines.pinning_id)
        node.found()
        wait_for(lambda: self.admin_status()["missing"] == [], "nothing is missing")
        for engine in self.engines.all:
            with self.subTest(engine.name):
                engine.kill()
                killed = time.monotonic()
                self.wait_check(engine.name, "down", "refused")
                seen = time.monotonic() - killed
                body = self.health()
                self.assertEqual((body["status"], body["client"]["status"]), ("degraded", "degraded"))
                self.assertEqual(node.get("/readyz")[0], 200)
                self.assertIn(f'orama_backend_up{{backend="{engine.name}"}} 0', node.get("/metrics")[1])
                status = self.admin_status()
                check = status["checks"][engine.name]
                self.assertGreaterEqual(check["checked_at"], check["since"])
                self.assertIn(f"{engine.name}: {check['engine']} is down since {check['since']}: ",
                              "\n".join(status["missing"]))
                engine.start()
                started = time.monotonic()
                self.wait_check(engine.name, "up")
                print(f"{engine.name}: down {seen:.1f} s after kill -9, up {time.monotonic() - started:.1f} s after "
                      "its start")
                self.assertLess(seen, SEEN_WITHIN)
                self.wait_status("ok")
                self.assertIn(f'orama_backend_up{{backend="{engine.name}"}} 1', node.get("/metrics")[1])
        self.assertNotIn(PASSWORD, node.log_text())

    def test_an_engine_that_hangs_is_down_by_its_deadline(self):
        self.start()
        self.wait_status("ok")
        for engine in self.engines.all:
            with self.subTest(engine.name):
                engine.signal(signal.SIGSTOP)
                stopped = time.monotonic()
                self.wait_check(engine.name, "down", "timeout")
                self.assertLess(time.monotonic() - stopped, SEEN_WITHIN)
                engine.signal(signal.SIGCONT)
                self.wait_check(engine.name, "up")
                self.wait_status("ok")

    def test_an_engine_that_answers_and_cannot_serve_is_not_ready(self):
        self.engines.without_quorum()
        self.start("storage")
        self.wait_check("cache", "down", "not_ready")
        self.wait_check("pinning", "down", "not_ready")  # its own Kubo is not there
        self.wait_check("storage", "down", "refused")
        self.wait_check("database", "up")
        missing = "\n".join(self.admin_status()["missing"])
        self.assertIn("failed to find enough peers", missing)
        self.assertIn("ipfs-cluster does not reach this node's storage", missing)
        self.engines.storage.start()
        self.wait_check("pinning", "up")

    def test_a_refused_password_is_an_error_that_names_its_credential(self):
        for name in ("olric-password", "ipfs-cluster-rest-password"):
            self.node.write("credentials/" + name, "another-password\n")
        self.node.write("credentials/databases.key", "A" * 43 + "=\n")
        self.start()
        for name, credential in (("database", "databases.key"), ("cache", "olric-password"),
                                 ("pinning", "ipfs-cluster-rest-password")):
            self.wait_check(name, "down", "error")
            self.assertIn(credential, self.admin_status()["checks"][name]["trouble"])
        self.wait_check("storage", "up")
        self.assertNotIn("another-password", self.node.log_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
