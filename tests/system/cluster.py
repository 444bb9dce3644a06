"""Several nodes of one cluster on lab hosts: raising hosts, genesis, invitations, joins, and whether all is whole.
Not a test itself."""

import datetime
import json
import shlex

import node
from lab import wait_for
from lab_vm import vm_host

VM_JOINS_WITHIN = 900  # an emulated machine


class Cluster:
    """The hosts of one cluster. The packages are installed once, on a host whose disk the others begin with."""

    def __init__(self, lab):
        self.lab, self.hosts = lab, []
        self.template = node.bare_host(lab, "template", 99, node.packages())
        node.install_packages(self.template)
        self.template.stop()
        self.template.write("/etc/machine-id", "")  # each copy makes its own
        self.tokens = {}

    def raise_host(self, name, number):
        """A host with the packages installed, that knows the first one's domain."""
        return self._told_of_the_first(self.lab.host(name, number, like=self.template))

    def raise_vm(self, name, number):
        """The same with a kernel of its own and 1 GiB of memory."""
        return self._told_of_the_first(vm_host(self.lab, name, number, like=self.template))

    def _told_of_the_first(self, host):
        first = self.hosts[0] if self.hosts else host
        host.shell(f"echo '{first.address} {node.DOMAIN}' >>/etc/hosts").check()
        return host

    def genesis(self, name="node1", number=11):
        host = self.raise_host(name, number)
        node.install_node(host)
        self.hosts.append(host)
        return host

    def three_members(self):
        """node1 and two that joined it; all three hosts."""
        self.genesis()
        for number in (2, 3):
            self.join(self.raise_host(f"node{number}", 10 + number))
        return self.hosts

    def invite(self, on, note):
        return json.loads(on.run(["orama", "invite", "--note", note, "--json"]).check().out)["data"]

    def type_join(self, host, invite, *more):
        """The printed command, but for sudo, on `host`; from a file, because the lab's own way of running a command
        logs it."""
        host.write("/root/join", f"{invite['command'].removeprefix('sudo ')} {shlex.join(more)}\n")
        done = host.run(["sh", "/root/join"], timeout=VM_JOINS_WITHIN)
        host.run(["rm", "/root/join"]).check()
        return done

    def join(self, host, *more, on=None, times=1):
        """An invitation of `on` (the first node) and its command on `host`, which must become a member. `times`: how often
        it may be typed, where an emulated processor may be too slow for a deadline of the way."""
        invite = self.invite(on or self.hosts[0], host.name)
        self.tokens[host.name] = invite["token"]
        for _ in range(times):
            done = self.type_join(host, invite, *more)
            if done.status == 0:
                break
        if done.status != 0:
            raise AssertionError(f"{done}\n{node.journal(on or self.hosts[0], 'orama-gateway')}")
        if host not in self.hosts:
            self.hosts.append(host)
        return done

    def wait_whole(self, voters, within, fresh=None, hosts=None):
        """Until every host is healthy, all its members are up, the registry has so many voters up, and there is a
        handshake with every member, since `fresh` (Unix time) with those that are named there: {name: time}."""
        hosts = hosts or self.hosts
        lack = [""]

        def whole():
            for host in hosts:
                lack[0] = self._lacks(host, hosts, voters, fresh or {})
                if lack[0]:
                    return False
            return True

        try:
            wait_for("the cluster is whole", whole, within, pause=0.2)
        except AssertionError as error:
            raise AssertionError(f"{error}: {lack[0]}") from error

    def _lacks(self, host, hosts, voters, fresh):
        asked = host.quick(["orama", "status", "--json"])
        data = json.loads(asked.out)["data"]
        if asked.status != 0:
            return f"{host.name}: {data['headline']} {data['problems']}"
        if data["admin"]["registry"]["voters_up"] != voters or data["admin"]["registry"]["voters"] != voters:
            return f"{host.name}: {data['admin']['registry']}"
        if data["admin"]["nodes"] != {"total": len(hosts), "up": len(hosts)}:
            return f"{host.name}: {data['admin']['nodes']}"
        names = {n["mesh_ip"]: n["name"] for n in data["nodes"] if n["state"] == "ready"}
        met = {names.get(ip): when for ip, when in handshakes(host).items()}
        for other in hosts:
            if other is host:
                continue
            least = max(fresh.get(other.name, 0), fresh.get(host.name, 0))
            if not met.get(other.name) or met[other.name] < int(least):
                return f"{host.name}: the handshake with {other.name} is of {met.get(other.name)}, wanted since {least}"
        return ""


def status(host):
    return json.loads(host.quick(["orama", "status", "--json"]).out)["data"]


def handshakes(host):
    """Mesh address of each peer of the device → Unix time of the last handshake, None without one."""
    shown = json.loads(host.quick(["orama", "mesh", "show", "--json"]).check().out)["data"]
    return {peer["mesh_ip"]: unix_time(peer["last_handshake"]) for peer in shown["device"]["peers"]}


def unix_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None


def mesh_ip(host):
    return json.loads(host.read("/var/lib/orama/agent/node.json"))["mesh_ip"]


def leader(cluster, on):
    """The host whose registry leads, as `on` sees it."""
    names = {n["id"]: n["name"] for n in status(on)["nodes"]}
    found = status(on)["admin"]["registry"]["leader_id"]
    return next((h for h in cluster.hosts if h.name == names.get(found)), None)
