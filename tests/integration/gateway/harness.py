"""Starts orama-gateway and rqlited as child processes for a test: a loopback network, folders and names of its
own, all taken back by process id. Python's standard library only."""
import contextlib
import glob
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

GATEWAY = os.environ.get("ORAMA_GATEWAY", "build/dev/gateway/orama-gateway")
USER, PASSWORD = "gateway", "a-password-of-the-test"


def find_rqlited():
    given = os.environ.get("ORAMA_RQLITED")
    if given:
        return given
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    found = sorted(glob.glob(os.path.join(cache, "orama/engines/*/bin/rqlited")))
    return found[-1] if found else None


def wait_for(condition, what, seconds=60.0):
    """The first true value of condition(); a deadline, never a result that a sleep decided."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def free_network():
    """127.A.B.0/24 that nobody listens in: its host 1 can be bound on the ports that a node uses."""
    while True:
        prefix = f"127.{random.randint(64, 250)}.{random.randint(0, 255)}"
        try:
            for port in (5001, 6001, 7001):
                with socket.socket() as probe:
                    probe.bind((f"{prefix}.1", port))
            return prefix
        except OSError:
            continue


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=60):
        super().__init__("admin", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class NotifySocket:
    """What systemd would hear."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []  # (monotonic time, text)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                text = self.socket.recv(65536).decode()
                self.messages.append((time.monotonic(), text))

    def first(self, part):
        return next((when for when, text in list(self.messages) if part in text), None)

    def count(self, part):
        return sum(part in text for _, text in list(self.messages))

    def close(self):
        self.socket.close()


class Node:
    """One node on loopback: folder, configuration, rqlited, gateway."""

    def __init__(self, config_extra="", node_id="node_it", number=1, prefix=None):
        """`number`: its host in the mesh range prefix.0/24. `prefix` None: a development range of its own."""
        self.folder = tempfile.mkdtemp(prefix="orama-it-")
        self.id = node_id
        self.prefix = prefix or free_network()
        self.ip = f"{self.prefix}.{number}"
        self.admin = os.path.join(self.folder, "admin.sock")
        self.config = os.path.join(self.folder, "orama.yaml")
        self.credentials = os.path.join(self.folder, "credentials")
        self.notify = NotifySocket(self.folder)
        self.rqlited = self.gateway = None
        os.mkdir(self.credentials)
        self.write("credentials/registry-password", PASSWORD + "\n")
        perms = ["execute", "query", "status", "ready", "backup", "leader-ops", "snapshot"]
        users = [{"username": USER, "password": PASSWORD, "perms": perms},
                 {"username": "join", "password": PASSWORD, "perms": ["join"]}]
        self.write("auth.json", json.dumps(users))
        self.write("orama.yaml", f"""\
node:
  id: {node_id}
  name: node{number}
  domain: node{number}.example.com
  mesh_ip: {self.ip}
  mesh_cidr: {self.prefix}.0/24
  public_addresses: [203.0.113.11]
  roles: []
cluster: {{id: cluster_it, name: example.com, base_domain: example.com}}
registry: {{engine: rqlite, url: "http://{self.ip}:5001", user: {USER}}}
http: {{listen: ["{self.ip}:6001"], admin_socket: {self.admin}, threads: 2}}
log: {{access: {self.folder}/access.log}}
state: {{folder: {self.folder}}}
{config_extra}""")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def founding(self, **changes):
        node = {"id": self.id, "name": "node1", "mesh_ip": self.ip,
                "wg_public_key": "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=",
                "node_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "endpoints": [], "roles": []}
        return {"id": "cluster_it", "name": "example.com", "base_domain": "example.com",
                "mesh_cidr": f"{self.prefix}.0/24", "node": node, **changes}

    def start_rqlited(self, *more):
        log = open(os.path.join(self.folder, "rqlited.log"), "ab")
        self.rqlited = subprocess.Popen(
            [find_rqlited(), "-node-id", self.id, "-http-addr", f"{self.ip}:5001", "-http-adv-addr",
             f"{self.ip}:5001", "-raft-addr", f"{self.ip}:7001", "-raft-adv-addr", f"{self.ip}:7001", "-auth",
             os.path.join(self.folder, "auth.json"), "-fk", "-auto-optimize-int", "0h", *more,
             os.path.join(self.folder, "rqlite")], stdout=log, stderr=log)
        log.close()

    def kill_rqlited(self):
        self.rqlited.send_signal(signal.SIGKILL)
        self.rqlited.wait()
        self.rqlited = None

    def environment(self, **more):
        return {**os.environ, "CREDENTIALS_DIRECTORY": self.credentials, "NOTIFY_SOCKET": self.notify.path, **more}

    def start_gateway(self, sockets=(), arguments=None, environment=None):
        """With sockets: passed as systemd does, from fd 3 on. Returns the moment of the start."""
        command = [GATEWAY, *(arguments or ["--config", self.config])]
        environment = environment or self.environment()
        if sockets:
            # The shell's process id is the gateway's: exec keeps it.
            command = ["/bin/sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=$1; export LISTEN_PID LISTEN_FDS; shift; exec "$@"',
                       "sh", str(len(sockets)), *command]

        def place():
            high = [os.dup2(s.fileno(), 100 + i, inheritable=True) for i, s in enumerate(sockets)]
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i, inheritable=True)
                os.close(fd)

        log = open(os.path.join(self.folder, "gateway.log"), "ab")
        moment = time.monotonic()
        self.gateway = subprocess.Popen(command, env=environment, stdout=log, stderr=log, close_fds=not sockets,
                                        preexec_fn=place if sockets else None)
        log.close()
        return moment

    def stop_gateway(self, number=signal.SIGTERM, seconds=30):
        self.gateway.send_signal(number)
        status = self.gateway.wait(timeout=seconds)
        self.gateway = None
        return status

    def get(self, path, address=None, port=6001, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection(address or self.ip, port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, json.loads(text) if text.startswith("{") else text
        finally:
            connection.close()

    def answers(self, path, expected=200, **kwargs):
        try:
            status, body = self.get(path, **kwargs)
        except OSError:
            return None
        return body if status == expected else None

    def call_admin(self, method, path, body=None):
        connection = UnixConnection(self.admin)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()

    def wait_live(self):
        return wait_for(lambda: self.answers("/livez"), "the gateway answers /livez")

    def wait_health(self, expected):
        return wait_for(lambda: self.answers("/v1/health", expected), f"/v1/health is {expected}", 60)

    def found(self):
        status, body = self.call_admin("POST", "/admin/cluster", self.founding())
        assert status == 201, (status, body)

    def log_text(self):
        with open(os.path.join(self.folder, "gateway.log"), encoding="utf-8") as log:
            return log.read()

    def close(self):
        for process in (self.gateway, self.rqlited):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self.notify.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def listening_tcp(address, port=6001):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address, port))
    listener.listen(4096)
    return listener


def listening_unix(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    return listener
