"""Three members on loopback for a test: three real gateways over three real rqlited, in a mesh range that is a
production one, so that nothing is short-cut for developers. That needs a network namespace of its own: run inside
`in_own_network`. What stands in for each node's agent says what the real one would."""
import base64
import json
import os
import subprocess
import sys
import threading
import time

from harness import PASSWORD, USER, Node, wait_for

CROWD = os.environ.get("ORAMA_JOIN_CROWD", "build/dev/tests/integration/join_crowd")
PREFIX = "10.77.0"
LIMITS = "limits: {join: {rate_per_minute: 1000000, burst: 1000000}}"
# cluster-join.key and node.key of the first member: any 32 bytes are a key. The seed is RFC 8032's first test key,
# whose public half stands in Node.founding().
JOIN_KEY = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
FIRST_SEED = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="


def in_own_network():
    """Goes on in a network namespace whose loopback holds the whole mesh range; as root of a user namespace where
    this is not root. Does not return in the outer process."""
    if not os.environ.get("ORAMA_OWN_NETWORK"):
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.environ["ORAMA_OWN_NETWORK"] = "1"
        os.execvp("unshare", ["unshare", "--net", *user, sys.executable, *sys.argv])
    for words in (["link", "set", "lo", "up"], ["address", "add", f"{PREFIX}.1/24", "dev", "lo"]):
        subprocess.run(["ip", *words], check=True)


class AgentStandIn:
    """Follows a gateway's desired state and reports it applied, as installers/agent does. `applied` says when each
    node was first among the peers that were reported."""

    def __init__(self, node):
        self.node = node
        self.delay = 0.0  # seconds that applying takes
        self.applied = {}  # node id: time.monotonic()
        self.problems = []
        self._version = 0
        self._stop = False
        self._threads = [threading.Thread(target=self._guard, args=(work,)) for work in (self._follow, self._report)]
        for thread in self._threads:
            thread.start()

    def _guard(self, work):
        try:
            while not self._stop:
                work()
        except (OSError, AssertionError, KeyError) as error:
            if not self._stop:
                self.problems.append(repr(error))

    def _follow(self):
        code, desired = self.node.call_admin("GET", f"/admin/desired?since={self._version}")
        if code == 204:
            return
        assert code == 200, (code, desired)
        time.sleep(self.delay)
        before = time.monotonic()
        for peer in desired["peers"]:
            self.applied.setdefault(peer["id"], before)
        self._version = desired["version"]
        self._send()

    def _report(self):
        """Again and again: what a joiner is told of how it is heard must be no older than a second."""
        self._send()
        time.sleep(0.3)

    def _send(self):
        actual = {"version": self._version, "peers": [], "units": [], "disk": {"free": 1, "total": 2},
                  "packages": {"orama": "", "components": ""}, "time": "2026-01-01T00:00:00Z"}
        code, body = self.node.call_admin("POST", "/admin/actual", actual)
        assert code == 200, (code, body)

    def stop(self):
        """Before the gateway is stopped; the long poll ends with it."""
        self._stop = True

    def join(self):
        for thread in self._threads:
            thread.join()


class ThreeMembers:
    """The cluster. `gateways`: URLs that a joiner may ask."""

    def __init__(self):
        self.nodes, self.agents = [], []
        try:
            self._found()
        except BaseException:
            self.close()
            raise

    def _found(self):
        self._start(Node(LIMITS, prefix=PREFIX), FIRST_SEED)
        self.first = self.nodes[0]
        self.first.found()
        wait_for(lambda: self.first.call_admin("GET", "/admin/status")[1]["missing"] == [] or self.agents[0].problems,
                 "the first is whole")
        assert not self.agents[0].problems, self.agents[0].problems
        # One after the other, so that their addresses are .2 and .3.
        for number in (2, 3):
            host = self.crowd([self.invite()], 1, "confirm")[0]
            assert host["confirmed"]["status"] == 200, host
            assert host["grant"]["mesh_ip"] == f"{PREFIX}.{number}", host
            node = Node(LIMITS, node_id=host["grant"]["id"], number=number, prefix=PREFIX)
            self._start(node, host["seed"], "-join", f"{PREFIX}.1:7001", "-join-as", "join")
            self.wait_for_voters(number)

    def _start(self, node, seed, *more):
        self.nodes.append(node)
        node.write("credentials/cluster-join.key", JOIN_KEY + "\n")
        node.write("credentials/node.key", seed + "\n")
        node.start_rqlited(*more)
        node.start_gateway()
        node.wait_live()
        node.wait_health(200)
        self.agents.append(AgentStandIn(node))

    @property
    def gateways(self):
        return [f"http://{node.ip}:6001" for node in self.nodes]

    def wait_for_voters(self, count):
        for node in self.nodes:
            wait_for(lambda n=node: n.call_admin("GET", "/admin/status")[1]["registry"]["voters"] == count,
                     f"{node.ip} sees {count} voters")

    def invite(self):
        code, body = self.first.call_admin("POST", "/admin/invites", {})
        assert code == 201, (code, body)
        return body["token"]

    def crowd(self, tokens, hosts, then):
        """What join_crowd.cpp says of each host, in order."""
        order = {"tokens": tokens, "gateways": self.gateways, "hosts": hosts, "then": then}
        done = subprocess.run([CROWD], input=json.dumps(order), capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["hosts"]

    def rows(self, sql, *values):
        """Rows of a linearizable read, asked at the registry itself."""
        return self._registry("/db/query?level=linearizable", sql, *values)["results"][0].get("values", [])

    def write(self, sql, *values):
        return self._registry("/db/execute", sql, *values)["results"][0]

    def _registry(self, path, sql, *values):
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        code, answer = self.first.get(path, port=5001, method="POST", body=json.dumps([[sql, *values]]),
                                      headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"})
        assert code == 200 and "error" not in answer["results"][0], (code, answer)
        return answer

    def close(self):
        for agent in self.agents:
            agent.stop()
        for node in self.nodes:
            node.close()
        for agent in self.agents:
            agent.join()
