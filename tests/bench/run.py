#!/usr/bin/env python3
"""Benchmarks with a peer in the same run (docs/performance.md).

    tests/bench/run.py [ID …]     ids: core B10 B8 units

The programs are the packages' when ORAMA_DIST names their folder, else built here. The figure of a throughput row is CPU time (utime + stime of the server's processes) per answered request, server on
one core and load on the other, rounds alternating ours, peer; the median ratio counts. A run in which the peer's own
figure moved by more than 15 % is void and repeated, three times at most. Prints a table and writes dist/bench.json.
Traffic goes to loopback only; only processes started here are stopped, by process id.
"""

import base64
import functools
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import install
import units

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "orama"
ROUNDS, SECONDS, CONNECTIONS = 3, 3, 64
TICK = os.sysconf("SC_CLK_TCK")


def nginx_binary():
    """Debian's nginx, unpacked and never installed: installing it would start a service."""
    folder = CACHE / "bench-nginx"
    binary = folder / "usr/sbin/nginx"
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "-qq", "download", "nginx"], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        package = next(folder.glob("nginx_*.deb"))
        subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        package.unlink()
    return binary


@functools.cache
def gateway_binary():
    """The released gateway: the package's in $ORAMA_DIST, or one built now."""
    given = os.environ.get("ORAMA_DIST")
    if not given:
        for command in (["cmake", "--preset", "release"], ["cmake", "--build", "build/release", "--target", "orama-gateway"]):
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return ROOT / "build/release/gateway/orama-gateway"
    folder = CACHE / "bench-gateway"
    subprocess.run(["dpkg-deb", "-x", next(Path(given).glob("orama_*.deb")), folder], check=True)
    return folder / "usr/lib/orama/orama-gateway"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def descendants(pid):
    """pid and all below it."""
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        try:
            queue += [int(c) for c in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        except FileNotFoundError:
            pass
    return found


def cpu_seconds(pid):
    total = 0
    for one in descendants(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def pss_kib(pid):
    total = 0
    for one in descendants(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


class Server:
    """A server process on one core; `path` is what the load asks for and `answer` what it must get."""

    def __init__(self, name, argv, port, path, answer, cwd, environment=None):
        self.name, self.port, self.path, self.answer = name, port, path, answer
        started = time.monotonic()
        self.log = open(Path(cwd) / f"{name}.log", "wb")
        self.process = subprocess.Popen(["taskset", "-c", "1", *map(str, argv)], cwd=cwd, stdin=subprocess.DEVNULL,
                                        env={**os.environ, **(environment or {})}, stdout=self.log, stderr=subprocess.STDOUT)
        self.first_answer_ms = self._wait(started)

    def _wait(self, started):
        while time.monotonic() - started < 10:
            if self.process.poll() is not None:
                break
            try:
                self.check()
                return (time.monotonic() - started) * 1000
            except OSError:
                time.sleep(0.001)
        raise SystemExit(f"bench: {self.name} did not answer on port {self.port}; see {self.log.name}")

    def check(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as s:
            s.sendall(f"GET {self.path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
            data = b""
            while chunk := s.recv(65536):
                data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200") or body != self.answer:
            raise SystemExit(f"bench: {self.name} answered {head.splitlines()[0]!r} {body[:80]!r}: void")
        return len(data)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def load(server):
    """CPU microseconds of the server per answered request over one round."""
    server.check()
    before = cpu_seconds(server.process.pid)
    out = subprocess.run(["taskset", "-c", "0", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s",
                          f"http://127.0.0.1:{server.port}{server.path}"], check=True, capture_output=True, text=True).stdout
    spent = cpu_seconds(server.process.pid) - before
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"bench: {server.name} failed requests: void\n{out}")
    count = next(int(line.split()[0]) for line in out.splitlines() if "requests in" in line)
    return spent / count * 1e6


def gateway(folder, threads):
    """The gateway with an embedded registry, access log to a file, all features on; the engines that it probes every
    second are not there, which costs it a connection each."""
    port = free_port()
    config = Path(folder) / "orama.yaml"
    config.write_text(f"""\
node:
  id: node_bench
  name: bench
  domain: bench.example.com
  mesh_ip: 127.0.0.1
  mesh_cidr: 127.0.0.0/24
  public_addresses: []
  roles: []
cluster:
  id: cluster_bench
  name: example.com
  base_domain: example.com
registry:
  engine: embedded
  path: {folder}/registry.sqlite
database: {{engine: rqlite, url: "http://127.0.0.1:{free_port()}", user: gateway}}
state: {{folder: "{folder}"}}
cache: {{engine: olric, address: "127.0.0.1:{free_port()}"}}
storage: {{engine: kubo, url: "http://127.0.0.1:{free_port()}"}}
pinning: {{engine: ipfs-cluster, url: "http://127.0.0.1:{free_port()}", user: orama}}
http:
  listen: ["127.0.0.1:{port}"]
  admin_socket: {folder}/admin.sock
  threads: {threads}
log:
  level: warn
  access: {folder}/access.log
""")
    credentials = Path(folder) / "credentials"
    credentials.mkdir(mode=0o700)
    for name in ("databases.key", "olric-password", "ipfs-cluster-rest-password"):
        (credentials / name).write_bytes(base64.b64encode(os.urandom(32)))
    return Server("orama-gateway", [gateway_binary(), "--config", config], port, "/livez", b'{"status":"ok"}', folder,
                  {"CREDENTIALS_DIRECTORY": str(credentials)})


def nginx(folder, workers):
    """nginx answering the same body with as many header bytes as the gateway sends."""
    port = free_port()
    headers = "\n".join(f"add_header X-Padding-{n} {'x' * 40};" for n in range(14))
    config = Path(folder) / "nginx.conf"
    config.write_text(f"""\
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log {folder}/nginx-access.log combined buffer=64k flush=1s; keepalive_requests 100000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; {headers} return 200 '{{"status":"ok"}}'; }} }} }}
""")
    return Server("nginx", [nginx_binary(), "-p", folder, "-c", config, "-e", f"{folder}/start.log"], port, "/livez",
                  b'{"status":"ok"}', folder)


def core():
    """GET /livez, 64 connections: the whole pipeline without a credential (B2 needs whoami) against nginx `return 200`."""
    with tempfile.TemporaryDirectory(prefix="orama-bench-") as folder:
        ours, peer = gateway(folder, 1), nginx(folder, 1)
        try:
            for _ in range(3):
                pairs = [(load(ours), load(peer)) for _ in range(ROUNDS)]
                figures = [p for _, p in pairs]
                spread = (max(figures) - min(figures)) / statistics.median(figures)
                if spread <= 0.15:
                    break
            else:
                print(f"core: nginx's own figure moved {spread:.0%} in three tries: not a fair machine now")
            ratio = statistics.median(o / p for o, p in pairs)
            return {"ours": f"{statistics.median(o for o, _ in pairs):.2f} us", "peer": f"{statistics.median(figures):.2f} us",
                    "ratio": round(ratio, 2), "spread": round(spread, 3), "pass": 1.25, "void": spread > 0.15}
        finally:
            ours.stop()
            peer.stop()


def b10():
    """Idle PSS with two threads or workers, and start to first answer (median of five)."""
    ours_start, peer_start = [], []
    for _ in range(5):
        with tempfile.TemporaryDirectory(prefix="orama-bench-") as folder:
            for make, starts in ((gateway, ours_start), (nginx, peer_start)):
                server = make(folder, 2)
                starts.append(server.first_answer_ms)
                if make is gateway:
                    ours_pss = pss_kib(server.process.pid)
                else:
                    peer_pss = pss_kib(server.process.pid)
                server.stop()
    start = statistics.median(ours_start)
    return {"ours": f"{ours_pss} KiB, {start:.0f} ms", "peer": f"{peer_pss} KiB, {statistics.median(peer_start):.0f} ms",
            "ratio": round(ours_pss / peer_pss, 2), "pass": 1.5, "start_ms": round(start, 1), "start_pass_ms": 50,
            "held": ours_pss / peer_pss <= 1.5 and start <= 50}


def held(row):
    """A row of one ratio; rows with more to hold say it themselves."""
    return row["held"] if "held" in row else row.get("void") or row["ratio"] <= row["pass"]


BENCHMARKS = {"core": core, "B10": b10, "B8": install.b8, "units": units.units}


def main(wanted):
    unknown = [w for w in wanted if w not in BENCHMARKS]
    if unknown:
        print(f"bench: unknown id '{unknown[0]}', expected one of {' '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    results = {}
    for name in wanted or BENCHMARKS:
        made = BENCHMARKS[name]()
        results |= made if name in made else {name: made}
    print(f"{'id':14}{'ours':>22}{'peer':>26}{'ratio':>8}{'pass':>8}")
    for name, row in results.items():
        print(f"{name:14}{row['ours']:>22}{row['peer']:>26}{row['ratio']:>8}{row['pass']:>8}{'  void' if row.get('void') else ''}")
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"load average at the end: {load}")
    (ROOT / "dist").mkdir(exist_ok=True)
    (ROOT / "dist/bench.json").write_text(json.dumps(
        {"date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": f"{platform.machine()}, {os.cpu_count()} cores",
         "load": load, "results": results}, indent=2) + "\n")
    failed = [name for name, row in results.items() if not held(row)]
    if failed:
        print(f"bench: over the pass mark: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
