"""The engines beside the registry as child processes on a node's loopback address, configured as an install would:
the database of the namespace `default` (rqlited), cache (Olric), storage (Kubo), pinning (IPFS Cluster)."""
import base64
import functools
import hashlib
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys

PASSWORD = "a-password-of-an-engine"


ROOT = pathlib.Path(__file__).resolve().parents[3]


@functools.cache
def programs():
    """The folder of the engines that this tree pins; built where they are not kept yet."""
    built = subprocess.run([sys.executable, ROOT / "packaging/components/build.py"], check=True, capture_output=True,
                           text=True)
    return os.path.join(built.stdout.strip(), "bin")


def find_engine(name):
    return os.path.join(programs(), name)


class Engine:
    """One engine's process: started, killed and started again with the same data."""

    def __init__(self, folder, name, command, environment=None):
        self.name, self.command = name, command
        self.environment = {"PATH": os.environ["PATH"], **(environment or {})}
        self.log = os.path.join(folder, name + ".log")
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.process = None


class Engines:
    """All four for one node (harness.Node)."""

    def __init__(self, node):
        self.node = node
        self.folder = os.path.join(node.folder, "engines")
        os.mkdir(self.folder)
        self.database = self._database()
        self.cache = self._cache()
        self.storage = self._storage()
        self.pinning = self._pinning()
        self.all = [self.database, self.cache, self.storage, self.pinning]

    def configuration(self):
        ip = self.node.ip
        return f"""\
database: {{engine: rqlite, url: "http://{ip}:10000", user: gateway}}
cache: {{engine: olric, address: "{ip}:3320"}}
storage: {{engine: kubo, url: "http://{ip}:4501"}}
pinning: {{engine: ipfs-cluster, url: "http://{ip}:9094", user: orama}}
"""

    def close(self):
        for engine in self.all:
            engine.kill()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(self.path(name), 0o600)

    def credential(self, name, text):
        self.node.write("credentials/" + name, text + "\n")

    def _database(self):
        key = secrets.token_bytes(32)
        self.credential("databases.key", base64.b64encode(key).decode())
        digest = hashlib.blake2b(b"orama database v1\0default\0gateway", digest_size=32, key=key).digest()
        password = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        perms = ["execute", "query", "status", "ready"]
        self.write("users.json", json.dumps([{"username": "gateway", "password": password, "perms": perms}]))
        ip = self.node.ip
        return Engine(self.folder, "database",
                      [find_engine("rqlited"), "-node-id", self.node.id, "-http-addr", f"{ip}:10000", "-raft-addr",
                       f"{ip}:10001", "-auth", self.path("users.json"), self.path("database")])

    def _cache(self, quorum=1):
        self.credential("olric-password", PASSWORD)
        ip = self.node.ip
        self.write("olric.yaml", f"""\
server: {{bindAddr: {ip}, bindPort: 3320, partitionCount: 31, replicaCount: 1, replicationMode: 0, writeQuorum: 1,
         readQuorum: 1, readRepair: true, memberCountQuorum: {quorum}, bootstrapTimeout: 5s, keepAlivePeriod: 300s,
         triggerBalancerInterval: 1s, routingTablePushInterval: 10s, leaveTimeout: 5s, enableClusterEventsChannel: false}}
client: {{dialTimeout: 5s, readTimeout: 3s, writeTimeout: 3s}}
logging: {{verbosity: 3, level: INFO, output: stderr}}
memberlist: {{environment: lan, bindAddr: {ip}, bindPort: 3322, advertiseAddr: {ip}, advertisePort: 3322,
             enableCompression: false, joinRetryInterval: 1s, maxJoinAttempts: 3, peers: []}}
dmaps: {{numEvictionWorkers: 64, engine: {{name: kvstore, config: {{tableSize: 1048576}}}}}}
authentication: {{password: "{PASSWORD}"}}
""")
        return Engine(self.folder, "cache", [find_engine("olric-server")], {"OLRIC_SERVER_CONFIG": self.path("olric.yaml")})

    def without_quorum(self):
        """The cache as a member of three that is left alone."""
        self._cache(quorum=2)

    def _storage(self):
        repo = self.path("ipfs")
        environment = {"IPFS_PATH": repo, "LIBP2P_FORCE_PNET": "1", "IPFS_TELEMETRY": "off"}
        ipfs = find_engine("ipfs")
        subprocess.run([ipfs, "init", "--empty-repo"], env={**environment, "PATH": os.environ["PATH"]}, check=True,
                       capture_output=True)
        self.write("ipfs/swarm.key", f"/key/swarm/psk/1.0.0/\n/base16/\n{secrets.token_hex(32)}\n")
        with open(self.path("ipfs/config"), encoding="utf-8") as text:
            config = json.load(text)
        self.storage_id = config["Identity"]["PeerID"]
        ip = self.node.ip
        config["Addresses"] = {"API": [f"/ip4/{ip}/tcp/4501"], "Gateway": [], "Swarm": [f"/ip4/{ip}/tcp/4001"],
                               "Announce": [f"/ip4/{ip}/tcp/4001"], "AppendAnnounce": [], "NoAnnounce": []}
        config.update({"AutoConf": {"Enabled": False}, "AutoTLS": {"Enabled": False},
                       "AutoNAT": {"ServiceMode": "disabled"}, "Bootstrap": [], "DNS": {"Resolvers": {}},
                       "Ipns": {"DelegatedPublishers": []}, "Routing": {"Type": "none", "DelegatedRouters": []},
                       "Provide": {"Enabled": False}, "Discovery": {"MDNS": {"Enabled": False}},
                       "Plugins": {"Plugins": {"telemetry": {"Disabled": True, "Config": {"Mode": "off"}}}},
                       "HTTPRetrieval": {"Enabled": False}, "Version": {"SwarmCheckEnabled": False}})
        config["Swarm"].update({"DisableNatPortMap": True, "EnableHolePunching": False, "RelayClient": {"Enabled": False},
                                "RelayService": {"Enabled": False}})
        self.write("ipfs/config", json.dumps(config))
        return Engine(self.folder, "storage", [ipfs, "daemon", "--migrate=false"], environment)

    def _pinning(self):
        self.credential("ipfs-cluster-rest-password", PASSWORD)
        folder = self.path("ipfs-cluster")
        environment = {"IPFS_CLUSTER_PATH": folder, "HOME": self.folder}
        service = find_engine("ipfs-cluster-service")
        subprocess.run([service, "init", "--consensus", "crdt"], check=True, capture_output=True,
                       env={**environment, "CLUSTER_SECRET": secrets.token_hex(32), "PATH": os.environ["PATH"]})
        with open(self.path("ipfs-cluster/identity.json"), encoding="utf-8") as text:
            self.pinning_id = json.load(text)["id"]
        with open(self.path("ipfs-cluster/service.json"), encoding="utf-8") as text:
            config = json.load(text)
        ip = self.node.ip
        config["cluster"].update({"peername": "node1", "listen_multiaddress": [f"/ip4/{ip}/tcp/9096"],
                                  "announce_multiaddress": [f"/ip4/{ip}/tcp/9096"], "enable_relay_hop": False,
                                  "mdns_interval": "0s", "peer_addresses": []})
        config["consensus"]["crdt"]["trusted_peers"] = []
        rest = config["api"]["restapi"]
        rest.update({"http_listen_multiaddress": f"/ip4/{ip}/tcp/9094", "basic_auth_credentials": {"orama": PASSWORD},
                     "cors_allowed_origins": []})
        config["api"] = {"restapi": rest}
        config["ipfs_connector"]["ipfshttp"]["node_multiaddress"] = f"/ip4/{ip}/tcp/4501"
        self.write("ipfs-cluster/service.json", json.dumps(config))
        return Engine(self.folder, "pinning", [service, "daemon"], environment)
