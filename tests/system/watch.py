"""Looks at lab hosts from this machine, many times a second and without starting anything on them: the peers of a
host's WireGuard device, the nodes its gateway knows, pings to its peers through the tunnel, and its registry. Times
are Unix times of this machine, which are the hosts' too. Not a test itself."""

import base64
import concurrent.futures
import ctypes
import http.client
import json
import os
import select
import socket
import struct
import threading
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter_network(host):
    """The calling thread's sockets are the host's from here on."""
    name = host.lab.call("netns_of", host.name).strip()
    with open(f"/run/netns/{name}", "rb") as namespace:
        if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {name}")


def in_network(host, function, *arguments):
    """function(*arguments) with the host's sockets, in a thread of its own; its result."""
    with concurrent.futures.ThreadPoolExecutor(1, initializer=enter_network, initargs=(host,)) as pool:
        return pool.submit(function, *arguments).result()


def inside(host, path):
    """A path of the running host, its /run included."""
    return f"/proc/{host.lab.call('pid1', host.name).strip()}/root{path}"


def reached(host, targets, seconds=2.0):
    """Those of the (address, port) to which the host can open a TCP connection within that time."""

    def dial():
        dialed = {}
        for target in targets:
            dialed[target] = socket.socket()
            dialed[target].setblocking(False)
            dialed[target].connect_ex(target)
        end = time.monotonic() + seconds
        waiting, open_ones = dict(dialed), []
        while waiting and time.monotonic() < end:
            _, ready, _ = select.select([], waiting.values(), [], max(0.0, end - time.monotonic()))
            for target in [t for t, s in waiting.items() if s in ready]:
                if waiting.pop(target).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    open_ones.append(target)
        for each in dialed.values():
            each.close()
        return open_ones

    return in_network(host, dial)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=10):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def admin(host, method, path, body=None, timeout=10):
    """One call of the host's admin API: status and JSON body."""
    connection = UnixConnection(inside(host, "/run/orama/admin.sock"), timeout)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json"} if body is not None else {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def registry_rows(host, sql, level="linearizable"):
    """Rows of one SELECT by the host's own rqlited."""
    address = json.loads(host.read("/var/lib/orama/agent/node.json"))["mesh_ip"]
    password = host.read("/etc/orama/secrets/registry-password").strip()

    def ask():
        connection = http.client.HTTPConnection(address, 5001, timeout=10)
        credentials = base64.b64encode(f"gateway:{password}".encode()).decode()
        try:
            connection.request("POST", f"/db/query?level={level}", json.dumps([sql]),
                               {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    result = in_network(host, ask)["results"][0]
    if "error" in result:
        raise AssertionError(f"{sql}: {result['error']}")
    return result.get("values", [])


class Watch:
    """One host, until stop(). `events` are (time, kind, what): "peer+" and "peer-" with a peer's mesh address,
    "ping" with the mesh address of a peer that answered for the first time since it was added, "state" with
    (node id, state, name) as its gateway knows it. The first look gives none but pings."""

    def __init__(self, host, interval=0.01, device=True, gateway=True):
        self.host, self.interval, self.events, self.error = host, interval, [], None
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._uapi = inside(host, "/run/wireguard/orama0.sock") if device else None
        self._admin = inside(host, "/run/orama/admin.sock") if gateway else None
        self._thread = threading.Thread(target=self._guarded, daemon=True)
        self._thread.start()
        if not self._ready.wait(30) or self.error:
            raise AssertionError(f"{host.name} cannot be watched: {self.error}")

    def stop(self):
        self._stop.set()
        self._thread.join()
        if self.error:
            raise self.error

    def first(self, kind, what, since=0.0):
        """The time of the first such event, None without one."""
        return next((t for t, k, w in list(self.events) if k == kind and w == what and t >= since), None)

    def _guarded(self):
        try:
            enter_network(self.host)
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as icmp:
                icmp.setblocking(False)
                self._run(icmp, UnixConnection(self._admin) if self._admin else None)
        except Exception as error:  # told by stop()
            self.error = error
            self._ready.set()

    def _run(self, icmp, connection):
        peers, states, waiting = None, None, set()
        sequence = 0
        while not self._stop.is_set():
            if self._uapi:
                now = device_peers(self._uapi)
                seen = time.time()
                for ip in now - (peers if peers is not None else now):
                    self.events.append((seen, "peer+", ip))
                    waiting.add(ip)
                for ip in (peers or set()) - now:
                    self.events.append((seen, "peer-", ip))
                waiting &= now
                peers = now
                sequence = (sequence + 1) & 0xffff
                self._ping(icmp, waiting, sequence)
            if connection:
                now = known_nodes(connection)
                seen = time.time()
                for item in now.items() - (states if states is not None else now).items():
                    self.events.append((seen, "state", (item[0], *item[1])))
                states = now
            self._ready.set()
            self._wait(icmp, waiting)
        if connection:
            connection.close()

    def _ping(self, icmp, waiting, sequence):
        for ip in waiting:
            try:
                icmp.sendto(echo_request(sequence), (ip, 0))
            except OSError:
                pass  # no route or no key yet: asked again

    def _wait(self, icmp, waiting):
        end = time.monotonic() + self.interval
        while True:
            ready, _, _ = select.select([icmp], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                return
            packet, (ip, _) = icmp.recvfrom(2048)
            if packet[20] == 0 and ip in waiting:
                self.events.append((time.time(), "ping", ip))
                waiting.discard(ip)


def device_peers(path):
    """Mesh addresses of the peers of a wireguard-go device."""
    with socket.socket(socket.AF_UNIX) as uapi:
        uapi.settimeout(10)
        uapi.connect(path)
        uapi.sendall(b"get=1\n\n")
        text = b""
        while not text.endswith(b"\n\n"):
            part = uapi.recv(65536)
            if not part:
                break
            text += part
    lines = text.decode().splitlines()
    return {line.split("=")[1].split("/")[0] for line in lines if line.startswith("allowed_ip=")}


def known_nodes(connection):
    """Id → (state, name) of the nodes that the gateway knows."""
    connection.request("GET", "/admin/nodes")
    answer = connection.getresponse()
    body = json.loads(answer.read())
    if answer.status != 200:
        raise AssertionError(f"/admin/nodes: {answer.status} {body}")
    return {item["id"]: (item["state"], item["name"]) for item in body["nodes"]}


def echo_request(sequence):
    head = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xffff, sequence)
    total = sum(struct.unpack("!4H", head))
    total = (total & 0xffff) + (total >> 16)
    return head[:2] + struct.pack("!H", ~total & 0xffff) + head[4:]
