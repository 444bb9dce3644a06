"""The gateway with a real rqlited on loopback."""
import os
import shutil
import subprocess
import time
import unittest

from harness import PASSWORD, USER, Node, find_rqlited, wait_for

CONFORMANCE = os.environ.get("ORAMA_REGISTRY_CONFORMANCE")


@unittest.skipUnless(find_rqlited(), "no rqlited: set ORAMA_RQLITED, or build the components (make deb)")
class RegistryTest(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.close)

    def start(self):
        self.node.start_rqlited()
        self.node.start_gateway()
        self.node.wait_live()
        self.node.wait_health(200)

    def status(self):
        code, body = self.node.call_admin("GET", "/admin/status")
        self.assertEqual(code, 200)
        return body

    def test_the_contract_of_the_registry(self):
        self.node.start_rqlited()
        environment = {**os.environ, "ORAMA_REGISTRY_URL": f"http://{self.node.ip}:5001",
                       "ORAMA_REGISTRY_USER": USER, "ORAMA_REGISTRY_PASSWORD": PASSWORD}
        subprocess.run([CONFORMANCE], env=environment, check=True, timeout=120)

    def test_genesis(self):
        node = self.node
        self.start()
        wait_for(lambda: node.answers("/readyz"), "ready once the registry is migrated")
        self.assertTrue(any("holds none" in text for text in self.status()["missing"]))
        node.found()
        self.assertEqual(node.call_admin("POST", "/admin/cluster", node.founding())[0], 200)
        code, body = node.call_admin("POST", "/admin/cluster", node.founding(name="another"))
        self.assertEqual((code, body["code"]), (409, "CONFLICT"))

        status = wait_for(lambda: self.status()["nodes"]["total"] and self.status(), "the founding is noticed")
        self.assertEqual(status["cluster"]["id"], "cluster_it")
        self.assertEqual(status["missing"], [])
        registry = wait_for(lambda: self.status()["registry"]["quorum"] and self.status()["registry"], "quorum")
        self.assertEqual((registry["voters"], registry["leader_id"], registry["tolerates"]), (1, "node_it", 0))
        self.assertGreater(registry["applied_index"], 0)
        self.assertLess(registry["staleness_seconds"], 5)

        code, desired = node.call_admin("GET", "/admin/desired")
        self.assertEqual((code, desired["version"], desired["stale"], desired["peers"]), (200, 1, False, []))
        wait_for(lambda: os.path.exists(os.path.join(node.folder, "desired.json")), "the copy is saved")
        code, nodes = node.call_admin("GET", "/admin/nodes")
        self.assertEqual((nodes["count"], nodes["nodes"][0]["leader"]), (1, True))
        metrics = node.get("/metrics")[1]
        self.assertIn('orama_backend_up{backend="registry"} 1', metrics)
        self.assertIn("orama_registry_staleness_seconds", metrics)
        self.assertGreater(node.get("/v1/status")[1]["network"]["database_size"], 0)
        self.assertNotIn(PASSWORD, node.log_text())

    def test_registry_killed_and_back(self):
        node = self.node
        self.start()
        node.found()
        wait_for(lambda: self.status()["missing"] == [], "whole")
        node.kill_rqlited()
        killed = time.monotonic()
        body = node.wait_health(503)
        gone = time.monotonic() - killed
        self.assertEqual((body["status"], body["code"]), ("unhealthy", "BACKEND_UNAVAILABLE"))
        self.assertEqual(body["checks"]["registry"]["reason"], "refused")
        self.assertEqual(node.get("/livez")[0], 200)
        self.assertEqual(node.get("/readyz")[0], 503)
        self.assertTrue(any(text.startswith("registry:") for text in self.status()["missing"]))
        code, desired = node.call_admin("GET", "/admin/desired")
        self.assertEqual((code, desired["stale"]), (200, True))
        self.assertEqual(node.call_admin("POST", "/admin/cluster", node.founding())[0], 503)
        node.start_rqlited()
        back = time.monotonic()
        node.wait_health(200)
        print(f"unhealthy {gone * 1000:.0f} ms after kill -9; healthy {(time.monotonic() - back) * 1000:.0f} ms after "
              "rqlited's start")
        self.assertLess(gone, 25)  # one interval of the probes is 5 s
        wait_for(lambda: self.status()["missing"] == [], "whole again")
        self.assertEqual(node.gateway.poll(), None)

    def test_a_wiped_registry_is_named_and_not_founded_again(self):
        node = self.node
        self.start()
        node.found()
        wait_for(lambda: os.path.exists(os.path.join(node.folder, "desired.json")), "the copy is saved")
        node.kill_rqlited()
        shutil.rmtree(os.path.join(node.folder, "rqlite"))
        node.start_rqlited()
        wait_for(lambda: any("its data is gone" in text for text in self.status()["missing"]), "named")
        self.assertIsNone(self.status()["cluster"])
        code, desired = node.call_admin("GET", "/admin/desired")
        self.assertEqual((code, desired["version"], desired["stale"]), (200, 1, True))

    def test_a_refused_password_is_named(self):
        self.node.write("credentials/registry-password", "wrong\n")
        self.node.start_rqlited()
        self.node.start_gateway()
        self.node.wait_live()
        wait_for(lambda: any("401" in text for text in self.status()["missing"]), "named")
        self.assertEqual(self.node.get("/v1/health")[0], 503)


if __name__ == "__main__":
    unittest.main(verbosity=2)
