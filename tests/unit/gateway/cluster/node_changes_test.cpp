#include "gateway/cluster/node_changes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/api/shared_secrets.h"
#include "common/result.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_update.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/voters.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"

namespace orama::gateway::cluster {
namespace {

using tests::FoundedCluster;
using tests::run;

// A founded cluster with so many more nodes, all ready; their ids.
std::vector<std::string> grow(FoundedCluster& c, int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    const std::string host = "node" + std::to_string(i + 2);
    c.invite(host);
    const Redeemed node = c.granted(host, host);
    c.now += 1;
    REQUIRE(c.confirm(node, host).ok());
    ids.push_back(node.node_id);
  }
  return ids;
}

Result<void> remove(FoundedCluster& c, const std::string& id) {
  SealedJoinKey key;
  key.public_key = "the new key";
  return run(c.context, remove_node(&c.registry, id, std::move(key), c.now));
}

NodeRow row_of(FoundedCluster& c, const std::string& id) {
  for (const NodeRow& node : c.state().nodes) {
    if (node.id == id) {
      return node;
    }
  }
  FAIL("no such node");
  return {};
}

TEST_CASE("a removed node is named, its invitations are revoked, and that may be said twice") {
  FoundedCluster c;
  const auto ids = grow(c, 2);
  c.invite("open");
  const auto version = c.state().version;
  REQUIRE(remove(c, ids[0]).ok());
  CHECK(row_of(c, ids[0]).state == "removed");
  CHECK_FALSE(row_of(c, ids[0]).voter);
  CHECK(c.invite_row("open").state == "revoked");
  CHECK(c.state().version == version + 1);
  CHECK(c.state().join_key == "the new key");
  c.now += 1;
  REQUIRE(remove(c, ids[0]).ok());
  CHECK(c.state().version == version + 1);
  CHECK(remove(c, "nobody").error().code == Errc::not_found);
}

TEST_CASE(
    "what a removed node had of the shared secrets is marked, with the last one that had it") {
  FoundedCluster c;
  const auto ids = grow(c, 2);
  CHECK(c.state().rotations.empty());
  REQUIRE(remove(c, ids[0]).ok());
  const auto marks = c.state().rotations;
  REQUIRE(marks.size() == api::kMarkedSecrets.size());
  for (const SecretMark& mark : marks) {
    CAPTURE(mark.name);
    CHECK(std::count(api::kMarkedSecrets.begin(), api::kMarkedSecrets.end(), mark.name) == 1);
    CHECK(mark.node_id == ids[0]);
    CHECK(mark.marked_at_ms == c.now);
  }
  const auto marked = c.now;
  c.now += 1;
  REQUIRE(remove(c, ids[0]).ok());  // already out: nothing is marked anew
  CHECK(c.state().rotations.front().marked_at_ms == marked);
  REQUIRE(remove(c, ids[1]).ok());
  CHECK(c.state().rotations.front().node_id == ids[1]);
  CHECK(c.state().rotations.size() == marks.size());
  CHECK(remove(c, "nobody").error().code == Errc::not_found);
}

TEST_CASE("voters follow who is there: never an even number, never one node's say too many") {
  FoundedCluster c;
  const auto ids = grow(c, 4);  // five nodes
  CHECK(c.voters() == 5);
  REQUIRE(remove(c, ids[3]).ok());
  CHECK(c.voters() == 3);                // four nodes
  CHECK_FALSE(row_of(c, ids[2]).voter);  // the one that came last
  REQUIRE(remove(c, ids[0]).ok());
  CHECK(c.voters() == 3);
  CHECK(row_of(c, ids[2]).voter);
  REQUIRE(remove(c, ids[1]).ok());
  CHECK(c.voters() == 1);
  CHECK(row_of(c, "node_a").voter);
}

TEST_CASE("an operator's word on who votes is kept") {
  FoundedCluster c;
  const auto ids = grow(c, 3);  // four nodes: the last one does not vote
  CHECK_FALSE(row_of(c, ids[2]).voter);
  const auto set = [&](const std::string& id, const char* voter) {
    NodeUpdate update;
    update.voter = voter;
    return run(c.context, update_node(&c.registry, id, update, c.now));
  };
  REQUIRE(set(ids[0], "never").ok());
  CHECK_FALSE(row_of(c, ids[0]).voter);
  CHECK(row_of(c, ids[2]).voter);
  CHECK(c.voters() == 3);
  REQUIRE(set(ids[0], "auto").ok());
  CHECK(c.voters() == 3);
  CHECK(set("nobody", "auto").error().code == Errc::not_found);
}

TEST_CASE("a name or an address is changed; a taken name is refused") {
  FoundedCluster c;
  const auto ids = grow(c, 2);
  NodeUpdate update;
  update.name = "renamed";
  update.endpoints = std::vector<std::string>{"198.51.100.7:51820", "[2001:db8::7]:51820"};
  REQUIRE(run(c.context, update_node(&c.registry, ids[0], update, c.now)).ok());
  CHECK(row_of(c, ids[0]).name == "renamed");
  CHECK(row_of(c, ids[0]).endpoints == *update.endpoints);
  CHECK(run(c.context, update_node(&c.registry, ids[1], update, c.now)).error().code ==
        Errc::conflict);
}

TEST_CASE("what the registry can lose, before and after") {
  const VoterMath three = without_node(3, 3, true, true);
  CHECK(three.tolerates_before == 1);
  CHECK(three.voters_after == 2);
  CHECK(three.tolerates_after == 0);
  CHECK(three.keeps_quorum);
  CHECK_FALSE(without_node(3, 2, true, true).keeps_quorum);  // one of two would be left up
  CHECK(without_node(3, 2, true, false).keeps_quorum);       // the dead one goes
  CHECK(without_node(3, 2, false, true).keeps_quorum);
  CHECK_FALSE(without_node(5, 3, true, true).keeps_quorum);
  CHECK_FALSE(without_node(1, 1, true, true).keeps_quorum);  // the only voter
  CHECK(without_node(1, 1, false, true).keeps_quorum);
  // Off the mesh before it is off the list: the list's majority must be up without it.
  CHECK(three.can_be_cut_off);
  CHECK(without_node(2, 2, true, true).keeps_quorum);
  CHECK_FALSE(without_node(2, 2, true, true).can_be_cut_off);
  CHECK(without_node(2, 2, false, true).can_be_cut_off);
  CHECK(without_node(4, 4, true, true).can_be_cut_off);
  CHECK_FALSE(without_node(4, 3, true, true).can_be_cut_off);
}

}  // namespace
}  // namespace orama::gateway::cluster
