"""The gateway as a process: command line, start, systemd's protocols, drain. No engine is needed."""
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from harness import GATEWAY, PASSWORD, Node, listening_tcp, listening_unix, wait_for

EMBEDDED = "registry: {engine: rqlite, url:"


def run(*arguments, **kwargs):
    return subprocess.run([GATEWAY, *arguments], capture_output=True, text=True, timeout=60, check=False, **kwargs)


def embedded(node):
    """The node's configuration with SQLite as registry."""
    with open(node.config, encoding="utf-8") as source:
        lines = source.read().splitlines()
    lines = [f"registry: {{engine: embedded, path: {node.folder}/registry.sqlite}}" if line.startswith(EMBEDDED)
             else line for line in lines]
    node.write("orama.yaml", "\n".join(lines) + "\n")
    return node


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.close)

    def test_check_says_every_problem_at_once(self):
        good = run("--check", "--config", self.node.config)
        self.assertEqual((good.returncode, good.stdout), (0, f"{self.node.config}: ok\n"))
        self.assertIn("registry-password", good.stderr)  # a warning: no credential outside of a unit
        self.node.write("bad.yaml", "node: {id: 'a b', nam: x}\nlog: {level: loud}\n")
        bad = run("--check", "--config", os.path.join(self.node.folder, "bad.yaml"))
        self.assertEqual(bad.returncode, 1)
        for part in ("bad.yaml:1: node.id", "did you mean node.name", "bad.yaml:2: log.level", "cluster.id"):
            self.assertIn(part, bad.stderr)
        self.assertEqual(run("--check", "--config", "/nonexistent.yaml").returncode, 1)

    def test_show_config_lists_every_key_with_its_origin(self):
        shown = run("--show-config", "--config", self.node.config)
        self.assertEqual(shown.returncode, 0)
        entries = {entry["key"]: entry for entry in json.loads(shown.stdout)}
        self.assertEqual(entries["node.id"]["value"], "node_it")
        self.assertEqual(entries["node.id"]["origin"], f"{self.node.config}:2")
        self.assertEqual((entries["drain.within"]["value"], entries["drain.within"]["origin"]), ("5s", "default"))
        self.assertNotIn(PASSWORD, shown.stdout)
        self.assertEqual(run("--show-config", "--config", "/nonexistent.yaml").returncode, 1)

    def test_usage(self):
        self.assertEqual(run("--version").returncode, 0)
        self.assertIn("orama-gateway", run("--version").stdout)
        self.assertEqual(run("--help").returncode, 0)
        for wrong in (["--confg", "x"], ["--port", "1"], ["--dev", "--port", "0"], ["--dev", "--config", "x"], ["extra"]):
            result = run(*wrong)
            self.assertEqual((result.returncode, result.stdout), (2, ""), wrong)
            self.assertTrue(result.stderr)

    def test_a_taken_port_is_named(self):
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind((self.node.ip, 6001))
        taken.listen()
        result = run("--config", self.node.config)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{self.node.ip}:6001", result.stderr)


class DevTest(unittest.TestCase):
    def test_a_developer_needs_nothing(self):
        node = Node()
        self.addCleanup(node.close)
        data = os.path.join(node.folder, "data")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        node.admin = os.path.join(data, "admin.sock")
        arguments = ["--dev", "--port", str(port), "--data", data]
        started = node.start_gateway(arguments=arguments)
        local = {"address": "127.0.0.1", "port": port}
        wait_for(lambda: node.answers("/livez", **local), "alive")
        first = time.monotonic() - started
        wait_for(lambda: node.answers("/readyz", **local), "ready")
        print(f"--dev: first answer after {first * 1000:.0f} ms, ready after {(time.monotonic() - started) * 1000:.0f} ms")
        self.assertLess(first, 5)  # a second, with fivefold slack
        wait_for(lambda: node.call_admin("GET", "/admin/status")[1]["cluster"], "it founded its cluster")
        self.assertEqual(node.call_admin("GET", "/admin/status")[1]["missing"], [])
        for path in ("/health", "/v1/health", "/status", "/v1/status", "/v1/version", "/metrics"):
            self.assertEqual(node.get(path, **local)[0], 200, path)
        cluster = node.call_admin("GET", "/admin/status")[1]["cluster"]["id"]
        second = run(*arguments)
        self.assertEqual(second.returncode, 1)
        self.assertEqual(node.stop_gateway(signal.SIGINT), 0)
        node.start_gateway(arguments=arguments)
        wait_for(lambda: node.answers("/readyz", **local), "ready again")
        wait_for(lambda: node.call_admin("GET", "/admin/status")[1]["cluster"], "the cluster is there again")
        self.assertEqual(node.call_admin("GET", "/admin/status")[1]["cluster"]["id"], cluster)


class StartTest(unittest.TestCase):
    def setUp(self):
        self.node = Node()
        self.addCleanup(self.node.close)

    def test_ready_without_registry_and_with_watchdog(self):
        node = self.node
        started = node.start_gateway(environment=node.environment(WATCHDOG_USEC="400000"))
        ready = wait_for(lambda: node.notify.first("READY=1"), "READY") - started
        self.assertEqual(node.get("/livez")[0], 200)
        answered = time.monotonic() - started
        print(f"start: READY after {ready * 1000:.0f} ms, first answer after {answered * 1000:.0f} ms")
        self.assertLess(ready, 2)
        self.assertEqual(node.wait_health(503)["status"], "unhealthy")
        wait_for(lambda: node.notify.first("missing: registry: cannot connect to"), "the status line names it")
        code, status = node.call_admin("GET", "/admin/status")
        self.assertEqual((code, status["cluster"]), (200, None))
        code, body = node.call_admin("POST", "/admin/cluster", node.founding())
        self.assertEqual((code, body["code"], body["details"]["backend"]), (503, "BACKEND_UNAVAILABLE", "registry"))
        wait_for(lambda: node.notify.count("WATCHDOG=1") >= 5, "the watchdog is fed")
        self.assertEqual(node.stop_gateway(), 0)
        self.assertTrue(node.notify.first("STOPPING=1"))

    def test_the_saved_desired_state_serves_a_start_without_registry(self):
        node = self.node
        embedded(node).start_gateway()
        wait_for(lambda: node.answers("/readyz"), "ready")
        node.found()
        saved = os.path.join(node.folder, "desired.json")
        wait_for(lambda: os.path.exists(saved), "the copy is saved")
        node.stop_gateway()
        os.remove(os.path.join(node.folder, "registry.sqlite"))
        os.mkdir(os.path.join(node.folder, "registry.sqlite"))  # a registry that cannot be opened
        node.start_gateway()
        node.wait_live()
        code, desired = node.call_admin("GET", "/admin/desired?since=0")
        self.assertEqual((code, desired["version"], desired["stale"]), (200, 1, True))

    def test_a_long_poll_does_not_hold_the_stop(self):
        node = self.node
        embedded(node).start_gateway()
        wait_for(lambda: node.answers("/readyz"), "ready")
        answers = []
        poll = threading.Thread(target=lambda: answers.append(node.call_admin("GET", "/admin/desired?since=9")))
        poll.start()
        wait_for(lambda: "orama_http_requests_in_flight 2" in node.get("/metrics")[1], "it waits beside this request")
        began = time.monotonic()
        self.assertEqual(node.stop_gateway(), 0)
        took = time.monotonic() - began
        poll.join()
        self.assertEqual(answers[0][0], 204)
        self.assertLess(took, 4)  # drain.within is 5 s

    def test_the_access_log_is_opened_anew_on_sighup(self):
        node = self.node
        embedded(node).start_gateway()
        node.wait_live()
        log = os.path.join(node.folder, "access.log")
        wait_for(lambda: os.path.exists(log), "the log")
        os.rename(log, log + ".1")
        node.gateway.send_signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(log), "a new file")
        node.get("/v1/version?secret=1")

        def written():
            with open(log, encoding="utf-8") as lines:
                return [line for line in lines if "getVersion" in line]

        line = wait_for(written, "its line")[0]
        record = json.loads(line)
        self.assertEqual((record["status"], record["path"]), (200, "/v1/version"))
        self.assertNotIn("secret", line)


class ActivationTest(unittest.TestCase):
    def setUp(self):
        self.node = embedded(Node())
        self.addCleanup(self.node.close)

    def listeners(self, tcp):
        sockets = [listening_tcp(self.node.ip) for _ in range(tcp)] + [listening_unix(self.node.admin)]
        for each in sockets:
            self.addCleanup(each.close)
        return sockets

    def test_every_socket_is_accepted_on(self):
        # Five on one address: the kernel spreads connections over them, and two threads serve them all.
        self.node.start_gateway(self.listeners(5))
        self.node.wait_live()
        for _ in range(100):
            self.assertEqual(self.node.get("/livez")[0], 200)
        self.assertEqual(self.node.call_admin("GET", "/admin/status")[0], 200)

    def test_systemd_socket_activate(self):
        tool = shutil.which("systemd-socket-activate")
        if not tool:
            self.skipTest("no systemd-socket-activate on this machine")
        node = self.node
        addresses = [f"{node.prefix}.{i}" for i in range(1, 6)]
        command = [tool, *sum((["-l", f"{a}:6001"] for a in addresses), []), "-l", node.admin, "--",
                   GATEWAY, "--config", node.config]
        node.gateway = subprocess.Popen(command, env=node.environment(), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(node.admin), "the sockets")
        for address in addresses:
            wait_for(lambda a=address: node.answers("/livez", address=a), f"{address} answers")
        self.assertEqual(node.call_admin("GET", "/admin/status")[0], 200)

    def test_no_request_is_lost_over_restarts(self):
        node = self.node
        sockets = self.listeners(2)
        node.start_gateway(sockets)
        node.wait_live()
        stop = threading.Event()
        counts, failures = [], []

        def client():
            done = 0
            while not stop.is_set():
                method = "POST" if done % 2 else "GET"
                try:
                    status, _ = node.get("/v1/version", method=method, body="{}" if method == "POST" else None)
                    if status != 200:
                        failures.append(f"{method} {status}")
                except OSError as error:
                    failures.append(f"{method} {error!r}")
                done += 1
            counts.append(done)

        clients = [threading.Thread(target=client) for _ in range(8)]
        for each in clients:
            each.start()
        stops = []
        for _ in range(3):
            time.sleep(0.4)
            began = time.monotonic()
            self.assertEqual(node.stop_gateway(), 0)
            stops.append(time.monotonic() - began)
            node.start_gateway(sockets)
            node.wait_live()
        time.sleep(0.2)
        stop.set()
        for each in clients:
            each.join()
        print(f"restarts under load: {sum(counts)} requests, {len(failures)} failed, stops took "
              + ", ".join(f"{s * 1000:.0f} ms" for s in stops))
        self.assertEqual(failures, [])
        self.assertGreater(sum(counts), 50)


if __name__ == "__main__":
    unittest.main(verbosity=2)
