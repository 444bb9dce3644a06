"""B8: `orama install` on a bare host against the sum of its unavoidable parts, one after another on an equal host; and a
second run on the converged host (docs/performance.md says what is in each side)."""

import os
import re
import shutil
import statistics
import time

import ready
import node  # noqa: E402  (ready makes it known)
from lab import Lab

ROUNDS, PASS, AGAIN_PASS_SECONDS = 3, 1.25, 2.0
MOVED = 0.15  # of the parts' own figure: past that the machine was not the same for both sides, and the row is void
UNITS = [*node.UNITS, "orama-rqlite@default.service", "orama-olric.service", "orama-ipfs.service", "orama-ipfs-cluster.service"]
# Of running services, which write when they like.
DATA = ("/var/lib/orama/rqlite", "/var/lib/orama/databases", "/var/lib/orama/olric", "/var/lib/orama/ipfs",
        "/var/lib/orama/ipfs-cluster", "/var/log/orama/gateway", "/var/lib/caddy")
# What an installed node has and the equal host gets before its clock starts. Not: data, and that the cluster stands.
CONFIGURATION = ("/etc/orama", "/etc/systemd/system/orama-gateway.socket.d", "/etc/systemd/system/caddy.service.d",
                 "/etc/systemd/system/orama-rqlite@default.service.d", "/etc/systemd/system/orama-olric.service.d",
                 "/etc/systemd/system/orama-ipfs.service.d", "/etc/systemd/system/orama-ipfs-cluster.service.d",
                 "/etc/ufw/user.rules", "/etc/ufw/user6.rules")

PARTS = r"""
set -eu
. /root/ready.sh
part() { # NAME FUNCTION
  local from; from=$(now)
  "$2" >/dev/null
  echo "$1 $(($(now) - from))"
}
keys() { # as many as an install makes
  local n
  mkdir -m 700 /root/keys
  for n in 1 2 3 4 5 6; do openssl genpkey -algorithm ed25519 -out /root/keys/pair$n 2>/dev/null; done
  for n in 1 2 3 4 5 6 7 8 9 10; do openssl rand -base64 32 >/root/keys/secret$n; done
}
wireguard() {
  LOG_LEVEL=error wireguard-go orama0 2>/dev/null
  ip address add "$MESH/24" dev orama0
  ip link set orama0 mtu 1420 up
  await_mesh
}
firewall() { ufw --force enable; }
registry() { systemctl start orama-rqlite; await_registry; }
database() { systemctl start orama-rqlite@default; await_database; }
cache() { systemctl start orama-olric; await_cache; }
storage() { systemctl start orama-ipfs; await_storage; }
pinning() { systemctl start orama-ipfs-cluster; await_pinning; }
gateway() { systemctl start orama-gateway.socket orama-gateway; await_gateway; }
caddy() { systemctl restart caddy; await_caddy; }
boot() { systemctl enable -q UNITS; }
for each in keys wireguard firewall registry database cache storage pinning gateway caddy boot; do part $each $each; done
"""


def packages_ms(host):
    started = time.monotonic()
    node.install_packages(host)
    return round((time.monotonic() - started) * 1000)


def ours(lab, number, debs):
    """A bare host becomes a node. The host, {part: ms}, and {step: ms}."""
    host = node.bare_host(lab, f"ours{number}", 10 + number, debs)
    took = {"packages": packages_ms(host)}
    done = host.run(node.install_command(host, "--nameserver", "--yes"), timeout=600).check()
    took["orama install"] = round(done.seconds * 1000)
    host.run(["orama", "status"]).check()  # a fast wrong answer is void
    steps = dict(re.findall(r"name=(\S+) state=done ms=(\d+)", done.out + done.err))
    return host, took, {name: int(ms) for name, ms in steps.items()}


def parts(lab, number, debs, like):
    """The parts on an equal host with the configuration of `like`: {part: ms}."""
    host = node.bare_host(lab, f"parts{number}", 50 + number, debs)
    took = {"packages": packages_ms(host)}
    host.run(["systemctl", "stop", "caddy"]).check()
    host.run(["systemd-sysusers", "/usr/share/orama/sysusers.conf"]).check()
    for path in CONFIGURATION:
        copy(str(like.root) + path, str(host.root) + path)
    node_json = re.sub(r'"founded": *true', '"founded": false', like.read("/var/lib/orama/agent/node.json"))
    host.write("/var/lib/orama/agent/node.json", node_json.replace(like.address, host.address))
    host.run(["systemctl", "daemon-reload"]).check()
    ready.prepare(host, like)
    host.write("/root/parts.sh", PARTS.replace("UNITS", " ".join(unit for unit in UNITS if unit != "caddy.service")))
    took.update(ready.milliseconds(host.run(["bash", "/root/parts.sh"], timeout=600)))
    host.destroy()
    return took


def copy(source, target):
    """With owners and modes; the users are the same on both hosts, made in the same order."""
    if not os.path.isdir(source):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(source, target)
    else:
        shutil.copytree(source, target, dirs_exist_ok=True)
        for parent, folders, files in os.walk(source):
            for name in ["", *folders, *files]:
                s = os.lstat(os.path.join(parent, name))
                os.chown(os.path.join(target, os.path.relpath(os.path.join(parent, name), source)), s.st_uid, s.st_gid)


def again(host):
    """A second run on the converged host: seconds, files written, units restarted."""
    marks, starts = node.write_marks(host, DATA), node.unit_starts(host, UNITS)
    done = host.run(node.install_command(host, "--nameserver", "--yes")).check()
    now = node.unit_starts(host, UNITS)
    return done.seconds, node.difference(marks, node.write_marks(host, DATA)), [u for u in starts if now[u] != starts[u]]


def b8():
    debs = node.packages()
    ours_rounds, parts_rounds, steps, second = [], [], [], []
    for number in range(ROUNDS):
        with Lab() as lab:
            host, took, of_steps = ours(lab, number, debs)
            ours_rounds.append(took)
            steps.append(of_steps)
            second.append(again(host))
            parts_rounds.append(parts(lab, number, debs, host))
    whole = [(sum(o.values()), sum(p.values())) for o, p in zip(ours_rounds, parts_rounds)]
    without = [(o["orama install"], sum(p.values()) - p["packages"]) for o, p in zip(ours_rounds, parts_rounds)]
    print_medians("orama install", ours_rounds + steps)
    print_medians("its parts", parts_rounds)
    seconds = statistics.median(s for s, _, _ in second)
    written, restarted = max((w for _, w, _ in second), key=len), max((r for _, _, r in second), key=len)
    for line in written + restarted:
        print(f"B8 again: {line}")
    return {
        "B8": {**row(whole), "rounds": {"ours": ours_rounds, "steps": steps, "parts": parts_rounds}},
        "B8 less apt": row(without),
        "B8 again": {"ours": f"{seconds:.2f} s", "peer": f"{len(written)} written, {len(restarted)} begun", "ratio": "",
                     "pass": f"{AGAIN_PASS_SECONDS:.0f} s, 0", "held": seconds <= AGAIN_PASS_SECONDS and not written and not restarted},
    }


def row(pairs):
    """Of (ours, parts) in ms."""
    ratios = [mine / theirs for mine, theirs in pairs]
    ratio, theirs = statistics.median(ratios), [one for _, one in pairs]
    moved = (max(theirs) - min(theirs)) / statistics.median(theirs)
    return {"ours": f"{statistics.median(mine for mine, _ in pairs):.0f} ms", "peer": f"{statistics.median(theirs):.0f} ms",
            "ratio": round(ratio, 2), "spread": [round(one, 2) for one in ratios], "pass": PASS, "void": moved > MOVED,
            "held": ratio <= PASS or moved > MOVED}


def print_medians(title, rounds):
    """One line: the median of every part over the rounds that have it."""
    names = list(dict.fromkeys(name for one in rounds for name in one))
    told = [f"{name} {statistics.median(one[name] for one in rounds if name in one):.0f}" for name in names]
    print(f"{title}, median ms: {', '.join(told)}", flush=True)
