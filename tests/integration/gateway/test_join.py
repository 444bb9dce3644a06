"""Hosts that join at the same moment through three gateways. --hosts and --rounds make the race for one invitation
as large as `make test-all` runs it."""
import argparse
import collections
import sys
import time
import unittest

from harness import find_rqlited, wait_for
from three_members import ThreeMembers, in_own_network

HOSTS, ROUNDS, TOGETHER = 100, 1, 20


@unittest.skipUnless(find_rqlited(), "no rqlited: set ORAMA_RQLITED, or build the components (make deb)")
class JoinTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = ThreeMembers()
        cls.addClassCleanup(cls.cluster.close)

    def tearDown(self):
        self.assertEqual([agent.problems for agent in self.cluster.agents], [[], [], []])

    def ready_everywhere(self, ids):
        for node in self.cluster.nodes:
            wait_for(lambda n=node: ids <= {one["id"] for one in n.call_admin("GET", "/admin/nodes")[1]["nodes"]
                                            if one["state"] == "ready"}, f"{node.ip} knows all that are ready")

    def test_one_of_many_wins_an_invitation(self):
        for number in range(ROUNDS):
            started = time.monotonic()
            hosts = self.cluster.crowd([self.cluster.invite()], HOSTS, "repeat")
            outcomes = collections.Counter(h.get("refused") or ("granted" if "grant" in h else h["problem"]) for h in hosts)
            self.assertEqual(outcomes, {"granted": 1, "INVITE_USED": HOSTS - 1})
            self.assertEqual({h["status"] for h in hosts if "refused" in h}, {409})
            winner = next(h for h in hosts if "grant" in h)
            for again in winner["repeats"]:
                self.assertEqual([again.get("grant", again)[key] for key in ("id", "mesh_ip", "name")],
                                 [winner["grant"][key] for key in ("id", "mesh_ip", "name")])
            print(f"round {number + 1}: {HOSTS} hosts, {outcomes['granted']} granted by {winner['gateway']}, "
                  f"{outcomes['INVITE_USED']} x INVITE_USED, {time.monotonic() - started:.1f} s", flush=True)
        # The registry itself: one node an invitation, none without, one address each.
        invites = self.cluster.rows("SELECT count(*) FROM invites WHERE state = 'redeemed'")[0][0]
        nodes = self.cluster.rows("SELECT mesh_ip FROM nodes WHERE state = 'redeemed'")
        self.assertEqual((invites, len(nodes), len({row[0] for row in nodes})), (ROUNDS, ROUNDS, ROUNDS))

    def test_twenty_that_join_at_once_get_twenty_addresses(self):
        tokens = [self.cluster.invite() for _ in range(TOGETHER)]
        hosts = self.cluster.crowd(tokens, TOGETHER, "confirm")
        self.assertEqual([h for h in hosts if "grant" not in h or h["confirmed"].get("status") != 200], [])
        self.assertEqual(len({h["grant"]["mesh_ip"] for h in hosts}), TOGETHER)
        self.assertEqual(len({h["grant"]["id"] for h in hosts}), TOGETHER)
        ids = {h["grant"]["id"] for h in hosts}
        self.ready_everywhere(ids)
        joined = self.cluster.rows("SELECT count(*) FROM invites WHERE state = 'joined' AND id IN "
                                   "(SELECT invite FROM nodes WHERE id IN (%s))" % ",".join("?" * TOGETHER), *ids)
        self.assertEqual(joined, [[TOGETHER]])
        self.no_answer_before_the_agent(hosts)

    def no_answer_before_the_agent(self, hosts):
        for host in hosts:
            agent = self.cluster.agents[self.cluster.gateways.index(host["gateway"])]
            self.assertLess(agent.applied[host["grant"]["id"]], host["at"], host)

    def test_the_answer_waits_for_the_answering_nodes_agent(self):
        agent, slow = self.cluster.agents[0], 1.5
        agent.delay = slow
        self.addCleanup(setattr, agent, "delay", 0.0)
        asked = time.monotonic()
        host = self.cluster.crowd([self.cluster.invite()], 1, "confirm")[0]
        self.assertGreater(host["at"] - asked, slow)
        self.no_answer_before_the_agent([host])

    def test_a_removed_nodes_address_waits_a_day(self):
        hosts = self.cluster.crowd([self.cluster.invite() for _ in range(2)], 2, "confirm")
        # The lowest is what the next host would get.
        gone = min((h["grant"] for h in hosts), key=lambda grant: int(grant["mesh_ip"].split(".")[3]))
        self.ready_everywhere({gone["id"]})
        code, body = self.cluster.first.call_admin("DELETE", f"/admin/nodes/{gone['id']}")
        self.assertEqual(code, 200, body)
        nearly, over = 24 * 3600 - 60, 24 * 3600
        self.age(gone["id"], nearly)
        self.assertNotEqual(self.next_address(), gone["mesh_ip"])
        self.age(gone["id"], over)
        self.assertEqual(self.next_address(), gone["mesh_ip"])

    def age(self, node_id, seconds):
        """As if the node had been removed so long ago."""
        then = int((time.time() - seconds) * 1000)
        self.assertEqual(self.cluster.write("UPDATE nodes SET changed_at = ? WHERE id = ? AND state = 'removed'", then,
                                            node_id)["rows_affected"], 1)

    def next_address(self):
        host = self.cluster.crowd([self.cluster.invite()], 1, "confirm")[0]
        self.assertEqual(host["confirmed"]["status"], 200, host)
        return host["grant"]["mesh_ip"]


def main():
    global HOSTS, ROUNDS
    in_own_network()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments, rest = parser.parse_known_args()
    HOSTS, ROUNDS = arguments.hosts, arguments.rounds
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
