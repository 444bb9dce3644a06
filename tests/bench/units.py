"""Row `units`: what each unit of a node takes in memory when idle, what it may take, and how long it is from `systemctl
restart` until it is ready; on one lab host that `orama install` made."""

import os
import re
import statistics
import time

import ready
import node  # noqa: E402  (ready makes it known)
from lab import Lab

STARTS, IDLE_SECONDS = 5, 60
# unit: how it is ready (a function of ready.py)
UNITS = {"orama-wireguard": "mesh", "orama-agent": "agent", "orama-rqlite": "registry", "orama-rqlite@default": "database",
         "orama-olric": "cache", "orama-ipfs": "storage", "orama-ipfs-cluster": "pinning", "orama-gateway": "gateway",
         "caddy": "caddy"}

RESTARTS = r"""
set -eu
. /root/ready.sh
restart() { # UNIT NAME
  local from
  systemctl reset-failed "$1" 2>/dev/null || true
  from=$(now)
  systemctl restart "$1"
  "await_$2"
  echo "$1 $(($(now) - from))"
}
"""


def memory_kib(host, unit):
    """RSS and PSS of a unit, each of which is one process. Pages of a program that two units run (both databases) count
    in the RSS of each."""
    pid = host.pid_of(unit)
    if host.quick(["cat", f"/proc/{pid}/task/{pid}/children"]).check().out.strip():
        raise SystemExit(f"bench: {unit} has processes besides its own")
    rolled = host.quick(["cat", f"/proc/{pid}/smaps_rollup"]).check().out
    return tuple(int(re.search(rf"^{field}:\s+(\d+) kB", rolled, re.M)[1]) for field in ("Rss", "Pss"))


def limits(host, unit):
    """MemoryMax and GOMEMLIMIT, "none" where the unit has none."""
    shown = host.quick(["systemctl", "show", "-p", "MemoryMax", "-p", "Environment", unit]).check().out
    most = re.search(r"MemoryMax=(\d+)", shown)
    soft = re.search(r"GOMEMLIMIT=(\d+)MiB", shown)
    return f"{int(most[1]) >> 20} MiB" if most else "none", f"{soft[1]} MiB" if soft else "none"


def units():
    with Lab() as lab:
        host = node.bare_host(lab, "units", 11, node.packages())
        node.install_packages(host)
        node.install_node(host)
        time.sleep(IDLE_SECONDS)  # what is measured: a node that nobody asks
        columns = ("rss_kib", "pss_kib", "memory_max", "gomemlimit")
        rows = {unit: dict(zip(columns, memory_kib(host, unit) + limits(host, unit))) for unit in UNITS}
        total = int(re.search(r"MemTotal:\s+(\d+)", host.quick(["cat", "/proc/meminfo"]).check().out)[1]) >> 10
        ready.prepare(host, host)
        for unit, name in UNITS.items():
            starts = []
            for _ in range(STARTS):
                host.write("/root/restart.sh", f"{RESTARTS}restart {unit} {name}\n")
                starts += ready.milliseconds(host.run(["bash", "/root/restart.sh"])).values()
            rows[unit]["start_ms"] = round(statistics.median(starts))
    print(f"units of a host with {total} MiB; load {os.getloadavg()[0]:.1f}; start: restart to ready, median of {STARTS}")
    print(f"{'unit':24}{'RSS KiB':>10}{'PSS KiB':>10}{'MemoryMax':>12}{'GOMEMLIMIT':>12}{'start ms':>10}")
    for unit, row in rows.items():
        print(f"{unit:24}{row['rss_kib']:>10}{row['pss_kib']:>10}{row['memory_max']:>12}{row['gomemlimit']:>12}{row['start_ms']:>10}")
    pss = sum(row["pss_kib"] for row in rows.values())
    return {"units": {"ours": f"{pss >> 10} MiB PSS", "peer": "", "ratio": "", "pass": "", "held": True, "host_mib": total, "rows": rows}}
