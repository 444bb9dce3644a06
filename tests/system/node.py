"""What the system tests share: the packages, a host that has them, an installed node, and how to see whether
anything on a host has changed. Not a test itself."""

import hashlib
import os
import pathlib
import re
import stat
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import lab as lab_module  # noqa: E402

DOMAIN = "node1.example.com"
UNITS = ["orama.target", "orama-agent.service", "orama-wireguard.service", "orama-rqlite.service",
         "orama-rqlite@default.service", "orama-olric.service", "orama-ipfs.service", "orama-ipfs-cluster.service",
         "orama-gateway.socket", "orama-gateway.service", "caddy.service"]
CADDY_ROOT = "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"


def packages(fault_points=False):
    """The two .debs, built when they are not up to date. ORAMA_DIST names a folder to take them from instead."""
    given = os.environ.get("ORAMA_DIST")
    folder = pathlib.Path(given) if given else ROOT / "dist"
    arguments = [str(ROOT / "packaging" / "build.sh")]
    if fault_points:
        folder = folder / "fault-points"
        arguments += ["--build", "build/dev", "--dist", str(folder)]
    if not given:
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise lab_module.LabError(f"packaging/build.sh failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    found = sorted(folder.glob("orama*.deb"))
    if len(found) != 2:
        raise lab_module.LabError(f"{folder} holds {len(found)} packages, expected orama and orama-components")
    return found


def dependencies(debs):
    """Names of what the packages depend on, for the local apt repository of a bare host."""
    names = set()
    for deb in debs:
        text = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, capture_output=True, text=True).stdout
        names |= {re.split(r"[ (|]", item.strip())[0] for item in text.split(",")}
    return sorted(names - {"", "orama", "orama-components"})


def bare_host(lab, name, number, debs, suite="bookworm", **options):
    """A host that lacks everything orama needs, with the two .debs in /root and a local apt repository."""
    host = lab.host(name, number, suite=suite, packages=dependencies(debs), **options)
    for deb in debs:
        host.put(deb, "/root/")
    return host


def install_packages(host):
    """What an operator types: apt install of the two files."""
    host.run(["apt-get", "-q", "update"]).check()
    return host.shell("apt-get -qy install ./orama_*.deb ./orama-components_*.deb").check()


def newer(debs, folder, suffix="+upgrade"):
    """The same packages with a higher version and another rqlited: what an upgrade brings."""
    made = []
    for deb in debs:
        tree = folder / f"tree-{deb.name}"
        subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
        control = tree / "DEBIAN" / "control"
        control.write_text(re.sub(r"(?m)^(Version: \S+)", rf"\1{suffix}", control.read_text()))
        rqlited = tree / "usr/lib/orama/rqlited"
        if rqlited.exists():
            with rqlited.open("ab") as program:
                program.write(b"\0")  # after the last section: it runs as before
        made.append(folder / f"{deb.name.split('_')[0]}_upgrade.deb")
        subprocess.run(["dpkg-deb", "-b", "-z0", tree, made[-1]], check=True, stdout=subprocess.DEVNULL)
    return made


def install_command(host, *more):
    return ["orama", "install", "--vps-ip", host.address, "--domain", DOMAIN, *more]


def install_node(host, *more):
    return host.run(install_command(host, "--nameserver", "--yes", *more)).check()


def through_caddy(client, node, path="/v1/health", *more):
    """curl of another host to https://node1.example.com, verified against the node's internal root."""
    client.write("/root/root.crt", node.read(CADDY_ROOT))
    return client.curl("--cacert", "/root/root.crt", "--resolve", f"{DOMAIN}:443:{node.address}", *more,
                       f"https://{DOMAIN}{path}")


def journal(host, unit):
    return host.quick(["journalctl", "-u", unit, "-n", "30", "--no-pager", "-o", "cat"]).out


# ---- has anything changed? ----

# Written by the system itself at any time: journal, login records, systemd's and apt's own bookkeeping.
BACKGROUND = ("/var/log/journal", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog", "/var/lib/systemd", "/var/cache",
              "/var/lib/apt", "/var/tmp", "/var/log/apt", "/etc/.pwd.lock")


def _walk(host, folders, ignored):
    base = str(host.root)
    for folder in folders:
        for parent, names, files in os.walk(base + folder):
            for name in [""] + names + files if parent == base + folder else names + files:
                path = os.path.join(parent, name) if name else parent
                inside = path[len(base):]
                if not any(inside == one or inside.startswith(one + "/") for one in ignored):
                    yield inside, path
            names[:] = [n for n in names if os.path.join(parent, n)[len(base):] not in ignored]


def write_marks(host, ignored=()):
    """Per path what any write moves: inode, times, size. Equal marks: nothing was written."""
    marks = {}
    for inside, path in _walk(host, ["/etc", "/var", "/usr", "/opt", "/root", "/home"], BACKGROUND + tuple(ignored)):
        try:
            s = os.lstat(path)
        except FileNotFoundError:
            continue
        marks[inside] = (s.st_ino, s.st_mtime_ns, s.st_ctime_ns, s.st_size)
    return marks


def content(host, ignored=()):
    """Per path what an operator would see: kind, mode, owner, content."""
    seen = {}
    for inside, path in _walk(host, ["/etc", "/var", "/usr", "/opt", "/root"], BACKGROUND + tuple(ignored)):
        try:
            s = os.lstat(path)
            if stat.S_ISLNK(s.st_mode):
                body = os.readlink(path)
            elif stat.S_ISREG(s.st_mode):
                body = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
            else:
                body = ""
        except FileNotFoundError:
            continue
        seen[inside] = (oct(s.st_mode), s.st_uid, s.st_gid, body)
    return seen


def difference(before, after):
    """Sorted lines `+ path`, `- path`, `~ path`."""
    lines = [f"+ {p}" for p in after.keys() - before.keys()] + [f"- {p}" for p in before.keys() - after.keys()]
    lines += [f"~ {p}" for p in before.keys() & after.keys() if before[p] != after[p]]
    return sorted(lines, key=lambda line: line[2:])


def unit_starts(host, units=UNITS):
    """Unit → invocation id and main pid: a restart changes them."""
    out = host.quick(["systemctl", "show", "-p", "Id,InvocationID,MainPID", *units]).check().out
    return {block.split("Id=")[1].splitlines()[0]: block for block in out.strip().split("\n\n")}


def main(description, add_arguments=lambda parser: None, configure=lambda arguments: None):
    """Runs the caller's unittest module: its own options first, the rest is unittest's."""
    import argparse
    parser = argparse.ArgumentParser(description=description)
    add_arguments(parser)
    arguments, rest = parser.parse_known_args()
    configure(arguments)
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2, failfast=False)
