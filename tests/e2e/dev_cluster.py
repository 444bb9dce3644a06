"""The development cluster as the end-to-end tests see it: `orama dev …` starts, stops and breaks it, HTTP says how
it is. Uses the one that runs; where none does, one of its own in a folder of its own, which is gone afterwards."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

START_WITHIN = 400  # seconds; five nodes with every engine on two busy cores


class CommandFailed(Exception):
    """What `orama` said with another exit status than was wanted."""


def wait_for(condition, within, what):
    """The first true value of `condition`; its last exception counts as not yet."""
    deadline = time.monotonic() + within
    problem = ""
    while True:
        try:
            value = condition()
            if value:
                return value
        except (OSError, urllib.error.URLError, ValueError, KeyError) as error:
            problem = f": {error}"
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within} s in vain until {what}{problem}")
        time.sleep(0.1)


def listeners():
    """(address, port) of every TCP listener on this machine's 127.0.0.0/8."""
    found = set()
    for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        octets = [str(byte) for byte in reversed(bytes.fromhex(address))]
        if fields[3] == "0A" and octets[0] == "127":
            found.add((".".join(octets), int(port, 16)))
    return found


class DevCluster:
    """`orama` is the path of the program."""

    def __init__(self, orama, nodes):
        self.orama = str(pathlib.Path(orama).resolve())
        self.wanted = nodes
        self.folder = None
        self.environment = dict(os.environ)

    def is_up(self):
        return self.run("status", wanted=(0, 3, 11)).returncode != 11

    def start(self):
        """True when it is this run's own."""
        if self.is_up():
            return False
        self.folder = tempfile.mkdtemp(prefix="orama-e2e-")
        self.environment["XDG_STATE_HOME"] = self.folder
        self.up()
        return True

    def up(self, *arguments, **options):
        return self.data("up", "--nodes", str(self.wanted), *arguments, **options)

    def remove(self):
        """Ends what start() began, however far it came."""
        if self.folder:
            self.run("down", "--purge")
            shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *arguments):
        return [self.orama, "dev", *arguments]

    def run(self, *arguments, wanted=(0,), within=START_WITHIN):
        done = subprocess.run(self.command(*arguments), env=self.environment, capture_output=True, text=True,
                              timeout=within, check=False, stdin=subprocess.DEVNULL)
        if done.returncode not in wanted:
            raise CommandFailed(f"orama dev {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def data(self, *arguments, **options):
        """What a command says with --json."""
        answer = json.loads(self.run(*arguments, "--json", **options).stdout)
        return answer["data"] if answer["ok"] else answer["error"]

    def nodes(self):
        """name: what `orama dev status` says of it."""
        return {node["name"]: node for node in self.data("status", wanted=(0, 3))["nodes"]}

    def processes(self):
        """Of all units: {(node, unit): pid}."""
        return {(name, unit["name"]): unit["pid"]
                for name, node in self.nodes().items() for unit in node["units"] if unit["pid"]}

    def kill_start(self, after):
        """`orama dev up`, killed when `after` seconds are over; True when it was still at it."""
        with subprocess.Popen(self.command("up", "--nodes", str(self.wanted)), env=self.environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(after)
                return False
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                return True

    @staticmethod
    def get(base, path):
        """The JSON of an answer, whatever its status."""
        try:
            with urllib.request.urlopen(base + path, timeout=5) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)
