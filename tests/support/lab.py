"""Throw-away servers for system tests, over lab.sh (which see for what a host is).

    with Lab() as lab:
        node = lab.host("node", 11)
        node.run(["orama", "status"]).check()

Every Lab has a prefix of its own, so that runs side by side never meet, and takes its hosts down at the end,
on SIGTERM and on an exception. Not safe from several threads, but for Host.run.
"""

import atexit
import os
import pathlib
import secrets
import signal
import shlex
import subprocess
import sys
import time

LAB_SH = str(pathlib.Path(__file__).with_name("lab.sh"))


class LabError(Exception):
    """The lab itself failed: not a result of the product."""


class Result:
    """How a command ended. `out` and `err` are text."""

    def __init__(self, argv, status, out, err, seconds):
        self.argv, self.status, self.out, self.err, self.seconds = argv, status, out, err, seconds

    def check(self):
        if self.status != 0:
            raise AssertionError(str(self))
        return self

    def __str__(self):
        return f"`{shlex.join(self.argv)}` ended with {self.status} after {self.seconds:.1f} s\n{self.out}{self.err}"


def wait_for(what, condition, deadline, pause=0.1):
    """Calls `condition` until it gives something true, which is returned; fails after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what} (last seen: {value!r})")
        time.sleep(pause)


def why_not():
    """Why no host can be raised here; None when one can."""
    done = subprocess.run([LAB_SH, "can"], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip()


class Lab:
    """One run: its network and its hosts."""

    def __init__(self, run=None, keep=False):
        """`keep`: the hosts stay up when this process ends; `lab.sh destroy_run` takes them down."""
        self.name = run or "o" + secrets.token_hex(3)
        self.hosts = {}
        self._repos = {}
        reason = why_not()
        if reason:
            raise LabError(f"no lab host can be raised here: {reason}")
        self.call("sweep")
        self.folder = pathlib.Path(self._state_folder(), "runs", self.name)
        self.folder.mkdir(parents=True, exist_ok=keep)
        if keep:
            return
        pid = os.getpid()
        (self.folder / "owner").write_text(f"{pid} {self.call('stat_start', str(pid)).strip()}\n")
        atexit.register(self.close)
        # a terminated test run must not leave hosts behind: turn the signal into an exit
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))

    @staticmethod
    def _state_folder():
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        return os.environ.get("LAB") or os.path.join(cache, "orama", "lab")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def call(self, *arguments, **environment):
        """lab.sh with these arguments; its standard output."""
        done = subprocess.run([LAB_SH, *arguments], env={**os.environ, "LAB_RUN": self.name, **environment},
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LabError(f"lab.sh {shlex.join(arguments)} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def repo(self, suite, packages):
        """A folder with these .debs and all that the bare image of `suite` lacks for them."""
        key = (suite, tuple(packages))
        if key not in self._repos:
            self._repos[key] = self.call("apt_repo", *packages, SUITE=suite).strip()
        return self._repos[key]

    def host(self, name, number, suite="bookworm", family="4", disk_mib=None, packages=(), like=None, guest=None):
        """Raises a host and waits until its systemd has started. `like`: a stopped host whose disk it copies;
        `guest`: the host name inside, where it must not be `name`."""
        environment = {"SUITE": suite, "FAMILY": family}
        if disk_mib:
            environment["DISK"] = str(disk_mib)
        if guest:
            environment["GUEST"] = guest
        if like:
            environment["FROM"] = like.name
        if packages:
            environment["REPO"] = self.repo(suite, packages)
        self.call("base", SUITE=suite)
        host = Host(self, name, number)
        try:
            self.call("up", name, str(number), **environment)
            host.wait_up()
        except LabError:
            self.call("destroy", name)
            raise
        self.hosts[name] = host
        return host

    def block(self, source, target, port):
        """From now on UDP to `port` is lost on the way from one address to the other, silently, until unblock()."""
        self.call("block", source, target, str(port))

    def unblock(self):
        self.call("unblock")

    def close(self):
        """Takes all hosts and the network down; safe to call twice."""
        if self.folder.exists():
            self.call("destroy_run")
        self.hosts.clear()


class Host:
    """One server of a Lab."""

    def __init__(self, lab, name, number):
        self.lab, self.name, self.number = lab, name, number
        self.address = f"203.0.113.{number}"
        self.address6 = f"2001:db8:113::{number}"
        self.root = lab.folder / name / "root"

    def run(self, argv, stdin=None, timeout=300):
        """Runs a command as root in a scope of its own, like a login session's."""
        return self._execute("run", argv, stdin, timeout)

    def quick(self, argv, stdin=None, timeout=60):
        """Runs a command straight inside: for looking, not for what must live on."""
        return self._execute("exec_in", argv, stdin, timeout)

    def _execute(self, how, argv, stdin, timeout):
        started = time.monotonic()
        environment = {**os.environ, "LAB_RUN": self.lab.name}
        try:
            done = subprocess.run([LAB_SH, how, self.name, *argv], env=environment, input=stdin, capture_output=True,
                                  text=True, errors="replace", timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"`{shlex.join(argv)}` on {self.name} took longer than {timeout} s\n"
                                 f"{(error.stdout or b'').decode(errors='replace')}") from error
        return Result(argv, done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def shell(self, script, timeout=300):
        return self.run(["bash", "-c", script], timeout=timeout)

    def start_process(self, argv, **options):
        """A command that goes on while the test does other things: a Popen."""
        return subprocess.Popen([LAB_SH, "run", self.name, *argv], text=True,
                                env={**os.environ, "LAB_RUN": self.lab.name}, **options)

    def put(self, path, inside):
        subprocess.run(["cp", "--", str(path), str(self.root) + inside], check=True)

    def write(self, inside, text):
        target = pathlib.Path(str(self.root) + inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def read(self, inside):
        return pathlib.Path(str(self.root) + inside).read_text()

    def exists(self, inside):
        return os.path.lexists(str(self.root) + inside)

    def wait_up(self, seconds=60):
        return self.lab.call("wait_up", self.name, str(seconds)).strip()

    def reboot(self):
        """A clean reboot from inside; returns when the new boot has finished."""
        before = self.lab.call("pid1", self.name)
        self.quick(["systemctl", "reboot"])
        wait_for(f"{self.name} boots again", lambda: self._another_pid1(before), 120)
        return self.wait_up(120)

    def _another_pid1(self, before):
        try:
            now = self.lab.call("pid1", self.name)
        except LabError:
            return False
        return bool(now.strip()) and now != before

    def stop(self):
        self.lab.call("stop", self.name)

    def power_loss(self):
        self.lab.call("power_loss", self.name)

    def is_alive(self):
        try:
            self.lab.call("alive", self.name)
        except LabError:
            return False
        return True

    def start(self):
        self.lab.call("start", self.name)
        return self.wait_up(120)

    def move_away(self, mtu, *more):
        """Puts this host behind a router and a path of that MTU, under another address; see lab.sh."""
        self.lab.call("move_away", self.name, str(mtu), *more)
        self.address = f"198.51.100.{self.number}"

    def destroy(self):
        self.lab.call("destroy", self.name)
        self.lab.hosts.pop(self.name, None)

    def pid_of(self, unit):
        return int(self.quick(["systemctl", "show", "-p", "MainPID", "--value", unit]).check().out)

    def active(self, unit):
        return self.quick(["systemctl", "is-active", unit]).out.strip()

    def port_open(self, address, port):
        """Whether this host can open a TCP connection there."""
        probe = ("import socket,sys\ns=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)\n"
                 "s.settimeout(2)\nsys.exit(0 if s.connect_ex((sys.argv[1],int(sys.argv[2])))==0 else 1)")
        return self.quick(["python3", "-c", probe, address, str(port)]).status == 0

    def curl(self, *arguments):
        return self.quick(["curl", "-sS", "-m", "10", *arguments])
