#!/usr/bin/env python3
"""Kill matrix of the join: kill -9 of the joiner before and after the effect of every change, then the same command
again: the same node at the same address as was redeemed first, the host as after an undisturbed join, and no orphan on
the other side. The points come from the installer itself. And genesis' own parts killed while they redeem, a cable cut
in between, a sweep that comes first. --sample takes a few points by SEED, which is printed."""

import os
import random
import re
import tempfile
import time
import unittest

import joining
import kill_matrix
import node
from lab import Lab, wait_for

SAMPLE = 12
CHOICE = "all"
ONLY = ""
TURN, TURNS = 1, 1
REDEEMED = "redeem/redemption:{invite}/applied"


class JoinKill(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.close)
        debs = node.packages(fault_points=True)
        cls.template = joining.template_host(cls.lab, debs)
        cls.genesis = joining.Genesis(cls.lab, debs)

    def setUp(self):
        self.joiner = None
        self.genesis.set_confirm_within(600)

    def tearDown(self):
        self.drop()

    def fresh(self):
        self.drop()
        self.joiner = joining.Joiner(self.lab, self.genesis, self.template)
        return self.joiner

    def drop(self):
        """Takes the joiner out and away; what is left of it on genesis is a failure."""
        if self.joiner:
            self.joiner.host.destroy()
            self.joiner = None
            self.genesis.take_out()
            self.genesis.wait_alone()

    def joined(self, joiner, done, before=None):
        """The join has worked, on both sides. `before`: the row that was redeemed first."""
        self.assertEqual(done.status, 0, f"{done}\n{node.journal(self.genesis.host, 'orama-gateway')}")
        node_id, mesh_ip = joiner.identity()
        if before:
            self.assertEqual((node_id, mesh_ip), (before["id"], before["mesh_ip"]))
        row = self.genesis.nodes()[node_id]
        self.assertEqual((row["state"], row["mesh_ip"], row["voter"]), ("ready", mesh_ip, False))
        listed = {self.genesis.id: True, node_id: False}
        try:
            wait_for("the registry lists it", lambda: self.genesis.registry_members() == listed, 20)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.genesis.registry_members()}\n{done.out}{done.err}\n"
                                 f"{node.journal(joiner.host, 'orama-rqlite')}\n"
                                 f"{node.journal(self.genesis.host, 'orama-agent')}") from error
        self.assertEqual(len(self.genesis.device_peers()), 1)
        self.assertFalse(joiner.redeemed(), "join.json is left")

    def all_points(self):
        """Those up to the answer, then those of the whole plan, which is known after it. And an undisturbed join."""
        joiner = self.fresh()
        first = joiner.points()
        joiner.killed_at(REDEEMED)
        points = joiner.points()
        self.assertLessEqual(set(first), set(points))
        joiner = self.fresh()
        self.joined(joiner, joiner.join())
        undisturbed = joiner.state()
        joiner.host.shell("touch /etc/orama/intruder").check()
        self.assertEqual(len(kill_matrix.state_difference(undisturbed, joiner.state())), 1)  # it can fail
        return points, undisturbed

    def test_killed_anywhere_the_same_command_converges(self):
        points, undisturbed = self.all_points()
        seed = os.environ.get("SEED") or str(random.SystemRandom().randrange(1, 1 << 31))
        chosen = points if CHOICE == "all" else random.Random(int(seed)).sample(points, min(SAMPLE, len(points)))
        chosen = [point for point in chosen if re.search(ONLY, point)][TURN - 1::TURNS]
        print(f"\nseed {seed}: {len(chosen)} of {len(points)} points", flush=True)
        self.assertGreater(len(points), 80)
        started, failures = time.monotonic(), []
        for point in chosen:
            problem = self.one(point, undisturbed)
            print(f"  {'ok  ' if not problem else 'FAIL'} {point}{problem and ': ' + problem[-3000:]}", flush=True)
            failures += [f"{point}: {problem}"] if problem else []
        print(f"  {len(chosen)} points in {time.monotonic() - started:.0f} s", flush=True)
        self.assertFalse(failures, "\n\n".join(failures))

    def one(self, point, undisturbed):
        """Kills a join at one point; what is wrong afterwards, or "". """
        try:
            joiner, known = self.fresh(), set(self.genesis.nodes())
            joiner.killed_at(point)
            before = self.genesis.holder()
            self.joined(joiner, joiner.join(), before)
            self.assertEqual(len(set(self.genesis.nodes()) - known), 1, "more than one row was made")
            wrong = kill_matrix.state_difference(undisturbed, joiner.state())
            self.drop()
            return "\n".join(wrong)
        except AssertionError as error:
            return str(error)

    def while_redeeming(self, stopped, killed):
        """A join during which `stopped` hangs, so that the answer is under way when `killed` is killed."""
        joiner = self.fresh()
        control = lambda number, unit: self.genesis.host.quick(["systemctl", "kill", "-s", number, unit]).check()  # noqa: E731
        control("STOP", stopped)
        try:
            with tempfile.TemporaryFile("w+") as log:
                process = joiner.begin(log)
                intended = "/var/lib/orama/install/receipt.json"
                wait_for("the redemption is under way",
                         lambda: joiner.host.exists(intended) and '"redemption"' in joiner.host.read(intended), 60)
                if stopped == "orama-rqlite":
                    before = None
                    time.sleep(0.5)  # so that the call is likely there; what comes out is the same either way
                else:  # the answer waits for the agent, up to five seconds
                    before = wait_for("it is redeemed", self.genesis.holder, 20)
                control("KILL", killed)
                if killed != stopped:
                    control("CONT", stopped)
                status = process.wait(timeout=120)
                log.seek(0)
                self.assertEqual(status, 0, log.read())
        finally:
            self.genesis.host.quick(["systemctl", "kill", "-s", "CONT", stopped])
        done = joiner.join()  # nothing is left to do
        self.assertIn("Nothing to do", done.out)
        self.joined(joiner, done, before)
        self.assertEqual(len([n for n in self.genesis.nodes().values() if n["state"] == "ready"]), 1)

    def test_genesis_gateway_killed_while_it_redeems(self):
        self.while_redeeming("orama-agent", "orama-gateway")

    def test_genesis_agent_killed_while_it_redeems(self):
        self.while_redeeming("orama-agent", "orama-agent")

    def test_genesis_registry_killed_while_it_redeems(self):
        self.while_redeeming("orama-rqlite", "orama-rqlite")

    def test_a_cable_cut_between_redeem_and_confirm(self):
        joiner = self.fresh()
        with tempfile.TemporaryFile("w+") as log:
            process = joiner.begin(log)
            wait_for("it is redeemed", joiner.redeemed, 60, pause=0.02)
            self.lab.call("cut_cable", joiner.host.name)
            self.assertNotEqual(process.wait(timeout=200), 0)
            log.seek(0)
            print(log.read()[-800:], flush=True)
        before = self.genesis.holder()
        self.lab.call("mend_cable", joiner.host.name)
        self.joined(joiner, joiner.join(), before)

    def test_who_never_comes_back_leaves_nothing(self):
        """Killed when all that is left to do is to confirm: in the registry, its member list and the devices."""
        joiner = self.fresh()
        joiner.killed_at("confirm/member:example.com/before")
        lost = self.genesis.holder()["id"]
        self.assertEqual(self.genesis.registry_members(), {self.genesis.id: True, lost: False})
        joiner.host.destroy()
        self.joiner = None
        self.genesis.set_confirm_within(2)
        self.genesis.wait_alone()
        self.assertEqual(self.genesis.nodes()[lost]["state"], "released")

    def released_while_away(self, point):
        joiner = self.fresh()
        joiner.killed_at(point)
        before = self.genesis.holder()
        self.genesis.set_confirm_within(2)
        self.genesis.wait_alone()
        self.genesis.set_confirm_within(600)
        self.joined(joiner, joiner.join(), before)

    def test_released_after_redeem_the_same_command_finds_its_place(self):
        self.released_while_away(REDEEMED)

    def test_released_before_confirm_the_same_command_finds_its_place(self):
        self.released_while_away("confirm/member:example.com/before")

    def test_the_answer_to_confirm_is_lost(self):
        joiner = self.fresh()
        joiner.killed_at("confirm/member:example.com/before")
        before, kept = self.genesis.holder(), ("/var/lib/orama/install/join.json", "/var/lib/orama/agent/node.json")
        as_it_was = {path: joiner.host.read(path) for path in kept}
        self.joined(joiner, joiner.join(), before)
        for path, text in as_it_was.items():
            joiner.host.write(path, text)
        self.assertIn("redeemed by " + before["id"], (done := joiner.join()).err + done.out)
        self.joined(joiner, done, before)

    def test_confirm_races_the_sweep(self):
        outcomes = []
        for within in (1, 2, 3, 4, 6):
            joiner, known = self.fresh(), set(self.genesis.nodes())
            self.genesis.set_confirm_within(within)
            done = joiner.join()
            row = next(n for n in self.genesis.nodes().values() if n["id"] not in known)
            if done.status == 0:
                self.joined(joiner, done)
            else:
                wait_for("its place is released", lambda i=row["id"]: self.genesis.nodes()[i]["state"] == "released", 20)
                self.assertIn("again", done.err)
                self.genesis.set_confirm_within(600)
                self.joined(joiner, joiner.join(), row)
            outcomes.append(f"{within} s: {'confirmed' if done.status == 0 else 'released first'}")
        print("; ".join(outcomes), flush=True)


def options(parser):
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--only", default="", help="points that this regular expression is found in")
    parser.add_argument("--turn", default="1/1", help="2/3: every third point from the second on, for three runs at once")


def configure(arguments):
    global CHOICE, ONLY, TURN, TURNS
    ONLY = arguments.only
    CHOICE = "sample" if arguments.sample else "all"
    TURN, TURNS = (int(number) for number in arguments.turn.split("/"))


if __name__ == "__main__":
    node.main(__doc__, options, configure)
