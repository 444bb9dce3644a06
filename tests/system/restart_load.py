#!/usr/bin/env python3
"""The gateway restarts three times under 500 requests a second, half of them POST, through Caddy over HTTP/2: not
one request may fail. The load comes from a second host, by the machine's h2load in that host's namespace."""

import re
import subprocess
import time
import unittest

import node
from lab import Lab

SECONDS, RATE, CONNECTIONS = 10, 250, 5


class RestartUnderLoad(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        cls.node = node.bare_host(cls.lab, "node1", 11, node.packages())
        node.install_packages(cls.node)
        node.install_node(cls.node)
        cls.client = cls.lab.host("client", 12)

    def load(self, path, *more):
        """RATE requests a second for SECONDS on CONNECTIONS connections."""
        namespace = self.lab.call("netns_of", "client").strip()
        return subprocess.Popen(
            ["ip", "netns", "exec", namespace, "h2load", "-c", str(CONNECTIONS), f"--rps={RATE // CONNECTIONS}",
             "-n", str(SECONDS * RATE), f"--connect-to={self.node.address}:443", *more, f"https://{node.DOMAIN}{path}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def outcome(self, process):
        """(requests, errored, timeout, 2xx, 4xx, 5xx) of h2load's summary."""
        out = process.communicate(timeout=SECONDS + 60)[0]
        total, errored, timeout = map(int, re.search(r"requests: (\d+) total.* (\d+) errored, (\d+) timeout", out).groups())
        ok, client, server = map(int, re.search(r"status codes: (\d+) 2xx, \d+ 3xx, (\d+) 4xx, (\d+) 5xx", out).groups())
        slowest = re.search(r"time for request: +\S+ +(\S+)", out).group(1)
        print(f"\n{total} requests, {ok} 2xx, {client} 4xx, {server} 5xx, {errored} errored, slowest {slowest}", flush=True)
        return total, errored, timeout, ok, client, server

    def restarts_under(self, act, times, pause):
        (body := self.lab.folder / "body").write_text('{"sql": "select 1"}')
        get = self.load("/v1/version")
        # no credential is given, so the gateway's own answer to this is 401; the body goes through Caddy all the same
        post = self.load("/v1/db/query", "-d", str(body), "-H", "content-type: application/json")
        for _ in range(times):
            time.sleep(pause)  # spreads the restarts over the load; decides nothing
            act()
        return self.outcome(get), self.outcome(post)

    def test_no_request_fails_over_three_restarts(self):
        before = self.node.pid_of("orama-gateway")
        get, post = self.restarts_under(lambda: self.node.run(["systemctl", "restart", "orama-gateway"]).check(), 3, 2.5)
        self.assertEqual(get, (SECONDS * RATE, 0, 0, SECONDS * RATE, 0, 0))
        self.assertEqual(post, (SECONDS * RATE, 0, 0, 0, SECONDS * RATE, 0))
        self.assertNotEqual(self.node.pid_of("orama-gateway"), before)

    def test_load_sees_failures(self):
        """The same load while the sockets are closed too: the measurement must show it."""
        def act():
            self.node.run(["systemctl", "stop", "orama-gateway.socket", "orama-gateway.service"])
            time.sleep(1)
            self.node.run(["systemctl", "start", "orama-gateway.socket", "orama-gateway.service"]).check()
        _, post = self.restarts_under(act, 1, 2)
        self.assertGreater(post[5] + post[1], 0)


if __name__ == "__main__":
    node.main(__doc__)
