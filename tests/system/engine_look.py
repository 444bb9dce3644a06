"""Asks the engines of lab hosts as the product does, from this machine and over each host's own network: cache (Olric),
storage (Kubo), pinning (IPFS Cluster), the default database and the registry (RQLite). And waits until those of several
hosts are one cluster. Not a test itself."""

import base64
import concurrent.futures
import hashlib
import http.client
import json
import secrets
import socket
import time
import urllib.parse

import node  # noqa: F401  (makes lab known)
from lab import wait_for
from watch import enter_network

CACHE, RPC, REST = 3320, 4501, 9094
SQL_PORTS = {"registry": 5001, "database": 10000}
MAP = "tests"
UNITS = {"registry": "orama-rqlite", "database": "orama-rqlite@default", "cache": "orama-olric", "storage": "orama-ipfs",
         "pinning": "orama-ipfs-cluster", "gateway": "orama-gateway", "agent": "orama-agent"}


class EngineError(Exception):
    """The engine refused, or did not answer."""


class Engines:
    """Those of one host. Every call has a deadline and may be made from any thread."""

    def __init__(self, host):
        self.host = host
        self._pool = concurrent.futures.ThreadPoolExecutor(8, initializer=enter_network, initargs=(host,))

    # ---- who they are ----

    def mesh_ip(self):
        return self._file("/var/lib/orama/agent/node.json")["mesh_ip"]

    def node_id(self):
        return self._file("/var/lib/orama/agent/node.json")["id"]

    def storage_peer(self):
        return self._file("/var/lib/orama/ipfs/config")["Identity"]["PeerID"]

    def pinning_peer(self):
        return self._file("/var/lib/orama/ipfs-cluster/identity.json")["id"]

    def _file(self, path):
        return json.loads(self.host.read(path))

    def _secret(self, name):
        return self.host.read(f"/etc/orama/secrets/{name}").strip()

    # ---- cache ----

    def cache(self, *words, timeout=5):
        """The reply to one command, after AUTH."""
        return self._pool.submit(self._cache, words, timeout).result()

    def _cache(self, words, timeout):
        try:
            with socket.create_connection((self.mesh_ip(), CACHE), timeout) as connection:
                with connection.makefile("rb") as answer:
                    reply = None
                    for command in (("AUTH", self._secret("olric-password")), words):
                        connection.sendall(b"*%d\r\n" % len(command) + b"".join(
                            b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode()) for word in command))
                        reply = read_reply(answer)
                    return reply
        except (OSError, ValueError) as error:
            raise EngineError(f"{self.host.name}: cache: {error}") from error

    def cache_members(self):
        """Mesh addresses of the members in its view. Without its quorum it says nothing: EngineError."""
        return {member[0].rpartition(":")[0] for member in self.cache("CLUSTER.MEMBERS")}

    def cache_quorum(self):
        """What it was told at its start."""
        return self._file("/var/lib/orama/olric/olric.yaml")["server"]["memberCountQuorum"]

    def put(self, key, value):
        return self.cache("DM.PUT", MAP, key, value)

    def get(self, key):
        return self.cache("DM.GET", MAP, key)

    # ---- storage ----

    def storage(self, path, body=None, kind=None, timeout=10):
        """The body of one RPC's answer."""
        headers = {"Content-Type": kind} if kind else {}
        return self._http("127.0.0.1", RPC, "POST", f"/api/v0/{path}", body, headers, timeout)

    def storage_peers(self):
        """Ids of those that it has a connection to."""
        return {peer["Peer"] for peer in json.loads(self.storage("swarm/peers"))["Peers"] or []}

    def storage_peerings(self):
        """Ids of those that it keeps a connection to."""
        return {peer["ID"] for peer in json.loads(self.storage("swarm/peering/ls"))["Peers"] or []}

    def add(self, content, timeout=30):
        """Stores a file, unpinned; its CID."""
        mark = secrets.token_hex(16)
        body = (f"--{mark}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n"
                "Content-Type: application/octet-stream\r\n\r\n").encode() + content + f"\r\n--{mark}--\r\n".encode()
        query = "add?cid-version=1&raw-leaves=true&chunker=size-262144&pin=false&progress=false"
        return json.loads(self.storage(query, body, f"multipart/form-data; boundary={mark}", timeout))["Hash"]

    def cat(self, cid, timeout=10):
        return self.storage(f"cat?arg={cid}&timeout={timeout}s", timeout=timeout + 5)

    # ---- pinning ----

    def pinning(self, method, path, timeout=10):
        """The body of one REST answer."""
        return self._http(self.mesh_ip(), REST, method, path, None,
                          basic("orama", self._secret("ipfs-cluster-rest-password")), timeout)

    def pinning_peers(self):
        """Ids of the peers that answer it, its own among them."""
        return {peer["id"] for peer in map(json.loads, self.pinning("GET", "/peers").splitlines()) if not peer["error"]}

    def pin(self, cid):
        self.pinning("POST", f"/pins/{cid}")

    def pin_states(self, cid):
        """Node name → "pinned", "pinning", "unpinned", … as this one sees it."""
        return {one["peername"]: one["status"] for one in json.loads(self.pinning("GET", f"/pins/{cid}"))["peer_map"].values()}

    def pins(self):
        """CIDs that stand in its copy of the shared list."""
        return {json.loads(line)["cid"] for line in self.pinning("GET", "/allocations").splitlines()}

    # ---- databases ----

    def database_password(self, user):
        key = base64.b64decode(self._secret("databases.key"))
        text = b"\0".join([b"orama database v1", b"default", user.encode()])
        return base64.urlsafe_b64encode(hashlib.blake2b(text, key=key, digest_size=32).digest()).decode().rstrip("=")

    def execute(self, sql, *values, engine="database", timeout=10):
        """One write to the default database, or to the registry, through this host's own member: EngineError where it
        was not acknowledged."""
        self._sql(engine, "execute", [[sql, *values]], timeout)

    def rows(self, sql, level="weak", engine="database", timeout=10):
        return self._sql(engine, f"query?level={level}", [sql], timeout).get("values", [])

    def _sql(self, engine, path, statements, timeout):
        headers = {"Content-Type": "application/json", **self._sql_user(engine, "gateway")}
        answer = json.loads(self._http(self.mesh_ip(), SQL_PORTS[engine], "POST", f"/db/{path}",
                                       json.dumps(statements).encode(), headers, timeout))
        result = answer["results"][0] if answer.get("results") else answer
        if "error" in result:
            raise EngineError(f"{self.host.name}: {engine}: {result['error']}")
        return result

    def _sql_user(self, engine, user):
        of_registry = {"gateway": "registry-password", "agent": "agent-registry-password"}
        return basic(user, self._secret(of_registry[user]) if engine == "registry" else self.database_password(user))

    def sql_members(self, engine):
        """"registry" or "database": node id → (has a vote, is reached), as this one's member list has it."""
        return {one["id"]: (one["voter"], one["reachable"]) for one in self._sql_nodes(engine)}

    def database_leader(self):
        """Its node id."""
        return next(one["id"] for one in self._sql_nodes("database") if one["leader"])

    def _sql_nodes(self, engine):
        return json.loads(self._http(self.mesh_ip(), SQL_PORTS[engine], "GET", "/nodes?nonvoters&ver=2&timeout=2s", None,
                                     self._sql_user(engine, "agent"), 10))["nodes"]

    def _http(self, *arguments):
        return self._pool.submit(self._request, *arguments).result()

    def _request(self, ip, port, method, path, body, headers, timeout):
        connection = http.client.HTTPConnection(ip, port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise EngineError(f"{self.host.name}: {port} {urllib.parse.urlsplit(path).path}: {error!r}") from error
        finally:
            connection.close()
        if answer.status not in (200, 202, 204):
            raise EngineError(f"{self.host.name}: {port} {path}: {answer.status} {content[:300].decode(errors='replace')}")
        return content


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def read_reply(answer):
    """One RESP2 value; a bulk is a str."""
    line = answer.readline()
    if not line.endswith(b"\r\n"):
        raise ValueError("it hung up")
    kind, text = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise ValueError(text)
    if kind == b"$":
        return None if text == "-1" else answer.read(int(text) + 2)[:-2].decode(errors="surrogateescape")
    if kind == b"*":
        return [read_reply(answer) for _ in range(int(text))]
    return int(text) if kind == b":" else text


# ---- one cluster of each engine ----


def lacking(hosts):
    """What keeps the engines of these hosts from being one cluster each, with nobody else in it; "" when nothing does."""
    return _first_lack(hosts, lambda one, every: one.members_lacking(every, ()) or one.start_lacking(every))


def members_lacking(hosts, but=()):
    """The same of who is a member alone: votes and quorums follow a change later."""
    return _first_lack(hosts, lambda one, every: one.members_lacking(every, but))


def _first_lack(hosts, judge):
    every = [Looked(host) for host in hosts]
    for one in every:
        try:
            lack = judge(one, every)
        except (EngineError, OSError, KeyError, ValueError) as error:
            return f"{one.host.name}: {error!r}"
        if lack:
            return f"{one.host.name}: {lack}"
    return ""


class Looked:
    """A host and what its engines are called by the others'."""

    def __init__(self, host):
        self.host, self.engines = host, engines_of(host)
        self.mesh_ip, self.node_id = self.engines.mesh_ip(), self.engines.node_id()
        self.storage, self.pinning = self.engines.storage_peer(), self.engines.pinning_peer()

    def members_lacking(self, every, but):
        others = {one.storage for one in every if one is not self}
        looks = [("cache", self.engines.cache_members, {one.mesh_ip for one in every}),
                 ("storage connections", self.engines.storage_peers, others),
                 ("storage peerings", self.engines.storage_peerings, others),
                 ("pinning", self.engines.pinning_peers, {one.pinning for one in every})]
        looks += [(engine, lambda e=engine: set(self.engines.sql_members(e)), {one.node_id for one in every})
                  for engine in ("registry", "database")]
        for name, look, wanted in looks:
            found = wanted if name in but else look()
            if found != wanted:
                return f"{name}: without {sorted(wanted - found)}, with {sorted(found - wanted)}"
        return ""

    def start_lacking(self, every):
        quorum = self.engines.cache_quorum()
        if quorum != quorum_of(len(every)):
            return f"cache: started with a quorum of {quorum}"
        for engine in ("registry", "database"):
            members = self.engines.sql_members(engine)
            voters = sum(vote for vote, _ in members.values())
            if not all(up for _, up in members.values()):
                return f"{engine}: {members}"
            if voters != voters_of(len(every)):
                return f"{engine}: {voters} voters of {len(every)}"
        return ""


def quorum_of(nodes):
    """How many members of the cache must see each other that it serves."""
    return 1 if nodes < 3 else nodes // 2 + 1


def voters_of(nodes):
    """How many of so many nodes vote (design: join.md)."""
    return 1 if nodes < 3 else min(5, nodes - 1 + nodes % 2)


def engines_of(host):
    """The host's, made once."""
    if not hasattr(host, "engines"):
        host.engines = Engines(host)
    return host.engines


def wait_engines_whole(hosts, within):
    """Until each engine of these hosts is one cluster, and every gateway says that all it knows of are up. Seconds
    that it took."""
    started, lack = time.monotonic(), [""]

    def whole():
        lack[0] = lacking(hosts) or next(filter(None, map(complaint, hosts)), "")
        return not lack[0]

    try:
        wait_for("every engine is one cluster", whole, within, pause=0.2)
    except AssertionError as error:
        raise AssertionError(f"{error}: {lack[0]}") from error
    return time.monotonic() - started


def complaint(host):
    """What `orama status` of that host finds wrong; "" when nothing."""
    asked = host.quick(["orama", "status", "--json"])
    data = json.loads(asked.out)["data"]
    checks = {name: check["status"] for name, check in ((data.get("admin") or {}).get("checks") or {}).items()}
    if asked.status == 0 and checks and set(checks.values()) == {"up"}:
        return ""
    return f"{host.name}: {data['headline']} {data['problems'] if 'problems' in data else ''} {checks}"


def refused(call, *arguments):
    """What the engine says against it, which must be refused."""
    try:
        answer = call(*arguments)
    except EngineError as error:
        return str(error)
    raise AssertionError(f"{call.__qualname__}{arguments} was not refused: {answer!r}")
