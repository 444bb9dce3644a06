#!/usr/bin/env python3
"""`make demo`: the main job before your eyes. Builds the packages, raises three bare Debian 12 hosts, types what an
operator types - install, invite, join, join - and prints what comes out; the hosts stay up for looking around
(`make demo-stop`). Where no host can be raised it says why and shows the plan for this machine, changing nothing, and a gateway with embedded
engines that answers real requests."""

import os
import pathlib
import shlex
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import node
from lab import LAB_SH, Lab, LabError, why_not, wait_for

RUN = "demo"


def say(text):
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def show(host, argv):
    """Runs a command on the host with its output going straight to the reader."""
    print(f"root@{host.name}:~# {shlex.join(argv)}", flush=True)
    return host.start_process(argv).wait()


def up_on_hosts():
    down()
    say("building the packages (dist/)")
    debs = node.packages()
    say("raising three bare Debian 12 hosts, node1 to node3, and a fourth one that will be their client")
    lab = Lab(RUN, keep=True)
    hosts = [node.bare_host(lab, f"node{n}", 10 + n, debs) for n in (1, 2, 3)]
    client = lab.host("client", 20)
    say("installing the two packages on each (dependencies come from a local apt folder)")
    for host in hosts:
        print(f"root@{host.name}:~# apt install ./orama_*.deb ./orama-components_*.deb", flush=True)
        done = node.install_packages(host)
        print(next((line for line in done.out.splitlines() if "newly installed" in line), ""), f"({done.seconds:.1f} s)")
        host.shell(f"echo '{hosts[0].address} {node.DOMAIN}' >>/etc/hosts").check()
    say("one command makes the first one a node: genesis")
    if show(hosts[0], node.install_command(hosts[0], "--nameserver")) != 0:
        return 1
    for host in hosts[1:]:
        say(f"an invitation from node1, and the printed command on {host.name}")
        if not invite_and_join(hosts[0], host):
            return 1
    say("is it well? (the third host makes voters of the second and itself)")
    wait_for("all three are healthy", lambda: all(host.run(["orama", "status"]).status == 0 for host in hosts), 60, pause=0.5)
    wait_for("the registry has three voters", lambda: "3 of 3 voters up" in hosts[0].run(["orama", "status"]).out, 60, pause=0.5)
    status = max(show(host, ["orama", "status"]) for host in hosts)
    say("seen from the client, over HTTP/2 and TLS 1.3, verified against the node's own root")
    answer = node.through_caddy(client, hosts[0], "/v1/health", "--http2", "--tlsv1.3", "-w", "\nHTTP/%{http_version} %{http_code}\n")
    print(answer.out)
    say("they stay up: look around, then `make demo-stop`")
    print(f"  sudo LAB_RUN={RUN} {os.path.relpath(LAB_SH)} run node1 bash\n"
          f"  sudo LAB_RUN={RUN} {os.path.relpath(LAB_SH)} run node2 orama status")
    return 1 if status or answer.status else 0


def invite_and_join(genesis, host):
    """`orama invite` on genesis, and what it printed on the other host. True when that became a node."""
    print(f"root@{genesis.name}:~# orama invite --note {host.name}", flush=True)
    made = genesis.run(["orama", "invite", "--note", host.name]).check()
    print(made.out, flush=True)
    command = next(line.strip() for line in made.out.splitlines() if "orama install --join" in line)
    return show(host, shlex.split(command)[1:]) == 0


def up_here(reason):
    say(f"no host can be raised here: {reason}")
    root = node.ROOT
    subprocess.run(["cmake", "--preset", "release"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "build/release", "--target", "orama", "orama-gateway"], cwd=root, check=True)
    say("what `orama install` would do to this machine (nothing is changed)")
    command = ["build/release/cli/orama", "install", "--plan", "--vps-ip", "203.0.113.11", "--domain", node.DOMAIN]
    print("$", shlex.join(command), flush=True)
    planned = subprocess.run(command, cwd=root, env={**os.environ, "ORAMA_SHARE": str(root)}, check=False).returncode
    say("a gateway with embedded engines: no root, no other process")
    with tempfile.TemporaryDirectory() as folder:
        return embedded_gateway(root / "build/release/gateway/orama-gateway", pathlib.Path(folder)) or (planned not in (0, 3, 7))


def embedded_gateway(program, folder):
    with socket.socket() as probe:  # a port that is free now
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), "--dev", "--data", str(folder), "--port", str(port)]
    print("$", shlex.join(command), flush=True)
    with (folder / "log").open("w") as log:
        gateway = subprocess.Popen(command, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for("the gateway answers", lambda: ask(f"{base}/livez"), 10)
        for path in ("/livez", "/v1/health", "/v1/status", "/v1/version", "/v1/nothing-here"):
            print(f"$ curl {base}{path}\n{ask(base + path)}\n", flush=True)
        return 0
    except AssertionError as error:
        print(f"{error}\n{(folder / 'log').read_text()}", file=sys.stderr)
        return 1
    finally:
        gateway.terminate()
        gateway.wait(10)


def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"
    except OSError:
        return None


def down():
    if os.geteuid() == 0:
        subprocess.run([LAB_SH, "destroy_run"], env={**os.environ, "LAB_RUN": RUN}, check=True)
    return 0


def main(arguments):
    if arguments not in (["up"], ["down"]):
        print(f"usage: {sys.argv[0]} up|down", file=sys.stderr)
        return 2
    if arguments == ["down"]:
        return down()
    reason = why_not()
    try:
        return up_here(reason) if reason else up_on_hosts()
    except LabError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
