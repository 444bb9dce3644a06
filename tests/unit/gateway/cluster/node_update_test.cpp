#include "gateway/cluster/node_update.h"

#include <cstdint>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "common/crypto/peer_id.h"
#include "common/result.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/redemption.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"

namespace orama::gateway::cluster {
namespace {

using tests::FoundedCluster;
using tests::run;

std::string peer_id(char byte) {
  return crypto::peer_id_of(std::string(32, byte));
}

Result<bool> tell(FoundedCluster& c, const std::string& node, const std::string& ipfs,
                  const std::string& ipfs_cluster) {
  NodeUpdate update;
  if (!ipfs.empty()) {
    update.ipfs_peer = ipfs;
  }
  if (!ipfs_cluster.empty()) {
    update.ipfs_cluster_peer = ipfs_cluster;
  }
  return run(c.context, update_node(&c.registry, node, std::move(update), c.now));
}

TEST_CASE(
    "a joiner tells its peer ids before it confirms, and every member's desired state has them") {
  FoundedCluster c;
  c.invite("node2");
  const Redeemed joiner = c.granted("node2", "node2");
  const std::int64_t version = c.state().version, seq = c.state().last_seq;
  CHECK(tell(c, joiner.node_id, peer_id('a'), peer_id('b')).value());

  const MembershipState state = c.state();
  CHECK(state.find(joiner.node_id)->state == "redeemed");
  CHECK(state.find(joiner.node_id)->ipfs_peer == peer_id('a'));
  CHECK(state.find(joiner.node_id)->ipfs_cluster_peer == peer_id('b'));
  CHECK(state.find("node_a")->ipfs_peer.empty());
  CHECK(state.version == version + 1);
  CHECK(state.last_seq == seq + 1);

  const auto desired = derive_desired(state, "node_a");
  REQUIRE(desired);
  CHECK(desired->ipfs_peers.at(joiner.node_id) == peer_id('a'));
  CHECK(desired->ipfs_cluster_peers.at(joiner.node_id) == peer_id('b'));
  CHECK(derive_desired(state, joiner.node_id)->ipfs_peers.empty());  // never its own

  REQUIRE(c.confirm(joiner, "node2").ok());
  CHECK(c.state().find(joiner.node_id)->ipfs_peer == peer_id('a'));
}

TEST_CASE("the same again, or nothing, writes nothing; what is missing is added") {
  FoundedCluster c;
  CHECK(tell(c, "node_a", peer_id('a'), "").value());
  const MembershipState first = c.state();
  c.now += 1;
  CHECK_FALSE(tell(c, "node_a", peer_id('a'), "").value());
  CHECK_FALSE(tell(c, "node_a", "", "").value());
  CHECK(c.state().version == first.version);
  CHECK(c.state().last_seq == first.last_seq);
  CHECK(c.state().find("node_a")->changed_at_ms == first.find("node_a")->changed_at_ms);

  CHECK(tell(c, "node_a", peer_id('a'), peer_id('b')).value());
  CHECK(c.state().find("node_a")->ipfs_peer == peer_id('a'));
  CHECK(c.state().find("node_a")->ipfs_cluster_peer == peer_id('b'));
}

TEST_CASE("a peer id is one node's, and a node keeps its own") {
  FoundedCluster c;
  c.invite("node2");
  const Redeemed joiner = c.granted("node2", "node2");
  REQUIRE(tell(c, "node_a", peer_id('a'), peer_id('b')).ok());
  const std::int64_t version = c.state().version;

  const auto ipfs = tell(c, joiner.node_id, peer_id('a'), "");
  REQUIRE_FALSE(ipfs.ok());
  CHECK(ipfs.error().code == Errc::conflict);
  CHECK(ipfs.error().message.find(peer_id('a')) != std::string::npos);
  const auto pinning = tell(c, joiner.node_id, peer_id('c'), peer_id('b'));
  REQUIRE_FALSE(pinning.ok());
  CHECK(pinning.error().code == Errc::conflict);
  CHECK(pinning.error().message.find(peer_id('b')) != std::string::npos);
  const auto other = tell(c, "node_a", peer_id('x'), "");
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == Errc::conflict);
  CHECK(other.error().message.find(peer_id('a')) != std::string::npos);

  CHECK(c.state().version == version);  // nothing of a refused one stays
  CHECK(c.state().find(joiner.node_id)->ipfs_peer.empty());
  CHECK(c.state().find("node_a")->ipfs_peer == peer_id('a'));
}

TEST_CASE("a node that is gone, or that nobody knows, tells nothing; its ids stay its own") {
  FoundedCluster c;
  c.invite("node2");
  const Redeemed joiner = c.granted("node2", "node2");
  REQUIRE(tell(c, joiner.node_id, peer_id('a'), "").ok());
  c.set_state(joiner.node_id, "removed");
  CHECK(tell(c, joiner.node_id, "", peer_id('b')).error().code == Errc::not_found);
  CHECK(tell(c, "nobody", peer_id('b'), "").error().code == Errc::not_found);
  CHECK(tell(c, "node_a", peer_id('a'), "").error().code == Errc::conflict);
  CHECK(derive_desired(c.state(), "node_a")->ipfs_peers.empty());
}

}  // namespace
}  // namespace orama::gateway::cluster
