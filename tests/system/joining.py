"""What the tests of a join share: a genesis node whose limits a test may set, hosts that join it, and what both sides
hold afterwards. Not a test itself."""

import json
import re

import kill_matrix
import node
from lab import wait_for

NAME, NUMBER = "joiner", 21
MESH = "10.91.0.0/22"  # room for every point of the matrix: an address is given again only after a day
MESH_ADDRESS = re.compile(r"\b10\.91\.\d+\.\d+\b")
CONFIG = "/etc/orama/orama.yaml"
CADDY = "/var/lib/caddy/.local/share/caddy"


class Genesis:
    """The node that invites."""

    def __init__(self, lab, debs):
        self.host = node.bare_host(lab, "node1", 11, debs)
        node.install_packages(self.host)
        node.install_node(self.host, "--mesh-cidr", MESH)
        self.config = self.host.read(CONFIG)
        self.id = json.loads(self.host.read("/var/lib/orama/agent/node.json"))["id"]
        self.set_confirm_within(600)

    def set_confirm_within(self, seconds):
        """For a node to confirm, counted anew from here; and no limit on calls in a minute."""
        self.host.write(CONFIG, f"{self.config}join: {{confirm_within: {seconds}s}}\n"
                                "limits: {join: {rate_per_minute: 100000, burst: 100000}}\n")
        self.host.run(["systemctl", "restart", "orama-gateway"]).check()
        wait_for("the gateway is healthy", lambda: self.host.curl("-f", "http://127.0.0.1:6001/v1/health").status == 0, 60)

    def invite(self):
        """The token, and the invitation's id."""
        made = json.loads(self.host.run(["orama", "invite", "--json"]).check().out)["data"]
        return made["token"], made["id"]

    def nodes(self):
        """Every row but its own, by id."""
        listed = json.loads(self.host.run(["orama", "node", "list", "--all", "--json"]).check().out)["data"]["nodes"]
        return {one["id"]: one for one in listed if one["id"] != self.id}

    def holder(self):
        """The row that the joiner's name stands in, or None."""
        return next((n for n in self.nodes().values() if n["name"] == NAME and n["state"] in ("redeemed", "ready")), None)

    def registry_members(self):
        """Ids on the registry's own member list: its voter, and who is there without a vote."""
        password = self.host.read("/etc/orama/secrets/agent-registry-password").strip()
        address = self.host.quick(["ip", "-br", "-4", "address", "show", "orama0"]).check().out.split()[2].split("/")[0]
        answer = self.host.quick(["curl", "-sS", "-m", "10", "-K", "-", f"http://{address}:5001/nodes?nonvoters&ver=2&timeout=1s"],
                                 stdin=f'user = "agent:{password}"\n').check().out
        return {one["id"]: one["voter"] for one in json.loads(answer)["nodes"]}

    def device_peers(self):
        shown = json.loads(self.host.run(["orama", "mesh", "show", "--json"]).check().out)["data"]
        return shown["device"]["peers"]

    def alone(self):
        """Nobody else anywhere: no row that holds a place, no member of the registry, no peer on the device."""
        rows = [n["state"] for n in self.nodes().values() if n["state"] not in ("removed", "released")]
        return not rows and self.registry_members() == {self.id: True} and not self.device_peers()

    def wait_alone(self, seconds=40):
        try:
            wait_for("genesis is alone again", self.alone, seconds, pause=0.3)
        except AssertionError as error:
            rows = {n["name"]: n["state"] for n in self.nodes().values()}
            raise AssertionError(f"orphans: rows {rows}, registry {self.registry_members()}, "
                                 f"peers {self.device_peers()}; {error}") from error

    def take_out(self):
        """The joiner, whatever it is by now."""
        if self.holder():
            self.host.run(["orama", "node", "remove", NAME, "--yes"]).check()


class Joiner:
    """A bare host with the packages and one invitation. The address is the same for all: one at a time."""

    def __init__(self, lab, genesis, template, name=NAME):
        self.host = lab.host(name, NUMBER, like=template, guest=NAME)
        self.host.shell(f"echo '{genesis.host.address} {node.DOMAIN}' >>/etc/hosts").check()
        token, self.invite = genesis.invite()
        self.host.write("/root/token", token + "\n")
        self.url = f"https://{node.DOMAIN}"

    def command(self, *more):
        return ["install", "--join", self.url, "--token", "/root/token", "--vps-ip", self.host.address, "--nameserver", *more]

    def points(self):
        listed = self.host.run(["orama", "--fault-points", *self.command()]).check().out
        listed = MESH_ADDRESS.sub("*", listed.replace(self.invite, "{invite}"))  # another joiner has another
        return [line for line in listed.split("\n") if line]

    def killed_at(self, point):
        point = point.replace("{invite}", self.invite)
        killed = self.host.run(["env", f"ORAMA_FAULT={point}", "orama", *self.command()])
        assert killed.status == 137, f"was not killed at {point}: {killed}"

    def join(self, *more):
        return self.host.run(["orama", *self.command(*more)])

    def begin(self, log):
        """The join goes on while the test does other things: a Popen."""
        return self.host.start_process(["orama", *self.command()], stdout=log, stderr=log)

    def redeemed(self):
        return self.host.exists("/var/lib/orama/install/join.json")

    def certified(self):
        return (self.host.exists(f"{CADDY}/certificates/local/{NAME}.example.com/{NAME}.example.com.key")
                and not self.host.quick(["find", f"{CADDY}/locks", "-type", "f"]).out)

    def identity(self):
        told = json.loads(self.host.read("/var/lib/orama/agent/node.json"))
        return told["id"], told["mesh_ip"]

    def state(self):
        """As kill_matrix compares hosts, without what tells two joins apart."""
        node_id, mesh_ip = self.identity()
        wait_for("Caddy has made its certificate", self.certified, 20)
        self.host.quick(["rm", "-f", "/root/token"]).check()  # each has its own
        return plain(kill_matrix.host_state(self.host),
                     re.compile(rf"(?<![\d.]){re.escape(mesh_ip)}(?![\d.])|{re.escape(self.invite)}|{node_id}"))


def plain(value, unique):
    """The same with every text freed of `unique`."""
    if isinstance(value, str):
        return unique.sub("X", value)
    if isinstance(value, dict):
        return {plain(key, unique): plain(one, unique) for key, one in value.items()}
    return tuple(plain(one, unique) for one in value) if isinstance(value, (tuple, list)) else value


def template_host(lab, debs):
    """A stopped host with the packages: joiners copy its disk."""
    host = node.bare_host(lab, "template", 10, debs)
    node.install_packages(host)
    host.stop()
    return host
