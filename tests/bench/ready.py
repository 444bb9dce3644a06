"""How the rows that need a lab host ask whether a part of a node is ready, in the way `orama install` asks: a file of
shell functions on that host. Not a benchmark itself."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/system"), str(ROOT / "tests/support")]

# await_NAME returns when NAME is ready. Passwords come from files, never from arguments.
FUNCTIONS = r"""
MESH=$(cat /root/ready/mesh)
now() { echo $(($(date +%s%N) / 1000000)); }
until_ok() { local n=0; until "$@" >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt 3000 ] || { echo "gave up: $*" >&2; exit 1; }; sleep 0.02; done; }
get() { curl -sf -m 3 "$@"; }
say() { printf "*$#\r\n" >&3; for word; do printf "\$${#word}\r\n%s\r\n" "$word" >&3; done; }
cache_serves() ( # AUTH, then the list of members
  exec 3<>"/dev/tcp/$MESH/3320" || exit 1
  say AUTH "$(cat /root/ready/cache)"; read -r -t 3 answer <&3; [ "${answer%$'\r'}" = +OK ] || exit 1
  say CLUSTER.MEMBERS; read -r -t 3 answer <&3; [ "${answer:0:1}" = '*' ]
)
mesh_has_its_address() { ip -4 address show dev orama0 up | grep -qF " $MESH/"; }
await_mesh() { until_ok mesh_has_its_address; }
await_registry() { until_ok get -K /root/ready/registry "http://$MESH:5001/readyz"; }
await_database() { until_ok get -K /root/ready/database "http://$MESH:10000/readyz"; }
await_cache() { until_ok cache_serves; }
await_storage() { until_ok get -X POST http://127.0.0.1:4501/api/v0/swarm/peers; }
await_pinning() { until_ok get -K /root/ready/pinning "http://$MESH:9094/peers"; }
await_gateway() { until_ok get http://127.0.0.1:6001/livez; until_ok get http://127.0.0.1:6001/readyz; }
await_caddy() { until_ok get http://127.0.0.1/health; }
await_agent() { systemctl is-active --quiet orama-agent; }
"""


def prepare(host, source):
    """Writes /root/ready.sh and what its functions read onto `host`; `source` is the node whose configuration it has."""
    def secret(name):
        return source.read(f"/etc/orama/secrets/{name}").strip()

    users = json.loads(source.read("/var/lib/orama/databases/default/users.json"))
    database = next(user["password"] for user in users if user["username"] == "agent")
    facts = {"mesh": json.loads(source.read("/var/lib/orama/agent/node.json"))["mesh_ip"] + "\n",
             "cache": secret("olric-password"),
             "registry": f'user = "agent:{secret("agent-registry-password")}"\n',
             "database": f'user = "agent:{database}"\n',
             "pinning": f'user = "orama:{secret("ipfs-cluster-rest-password")}"\n'}
    for name, text in facts.items():
        host.write(f"/root/ready/{name}", text)
    host.write("/root/ready.sh", FUNCTIONS)


def milliseconds(result):
    """{name: ms} of a script's lines `NAME MS`, in order."""
    return {name: int(ms) for name, ms in (line.split() for line in result.check().out.splitlines())}
