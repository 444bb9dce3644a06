// The rules on peer ids in a desired state: told once, by members, each its own.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/crypto/peer_id.h"
#include "common/result.h"
#include "installers/agent/desired_rules.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): samples
using orama::Errc;
using orama::api::Desired;

namespace {

using PeerIds = std::map<std::string, std::string>;

std::string peer_id(char byte) {
  return orama::crypto::peer_id_of(std::string(32, byte));
}

// Both members have told the ids of both their engines.
Desired told() {
  Desired desired = sample_desired();
  for (const Desired::Peer& peer : desired.peers) {
    const char last = peer.id.back();
    desired.ipfs_peers.emplace(peer.id, peer_id(last));
    desired.ipfs_cluster_peers.emplace(peer.id, peer_id(static_cast<char>(last + 64)));
  }
  return desired;
}

}  // namespace

TEST_CASE("peer ids of members are taken over, and stay when an answer leaves them out") {
  const Desired all = told();
  const auto first = accept_desired(sample_identity(), {}, all);
  REQUIRE(first.ok());
  CHECK(first->to_json() == all.to_json());
  CHECK(accept_desired(sample_identity(), all, all)->to_json() == all.to_json());

  // Absent before, present now.
  const auto later = accept_desired(sample_identity(), sample_desired(), all);
  REQUIRE(later.ok());
  CHECK(later->ipfs_peers == all.ipfs_peers);
  CHECK(later->ipfs_cluster_peers == all.ipfs_cluster_peers);

  // Present before, absent now.
  const auto silent = accept_desired(sample_identity(), all, sample_desired());
  REQUIRE(silent.ok());
  CHECK(silent->ipfs_peers == all.ipfs_peers);
  CHECK(silent->ipfs_cluster_peers == all.ipfs_cluster_peers);
}

TEST_CASE("a peer id goes with its member, and stays with one that an answer forgets") {
  const Desired saved = told();
  const Desired::Peer gone = saved.peers[1];
  Desired next = told();
  next.peers.pop_back();
  next.ipfs_peers.erase(gone.id);
  next.ipfs_cluster_peers.erase(gone.id);
  const auto forgotten = accept_desired(sample_identity(), saved, next);
  REQUIRE(forgotten.ok());
  CHECK(forgotten->ipfs_peers == saved.ipfs_peers);
  CHECK(forgotten->ipfs_cluster_peers == saved.ipfs_cluster_peers);

  next.removed = {{gone.id, gone.wg_public_key}};
  const auto removed = accept_desired(sample_identity(), saved, next);
  REQUIRE(removed.ok());
  CHECK(removed->ipfs_peers == PeerIds{{saved.peers[0].id, peer_id('2')}});
  CHECK(removed->ipfs_cluster_peers.size() == 1);
}

TEST_CASE("a peer id that is none, a stranger's, another's or another than before is refused") {
  struct Lie {
    const char* what;
    std::function<void(PeerIds&)> tell;
    const char* named;
  };
  const std::string first = sample_peer(2).id, second = sample_peer(3).id;
  const std::vector<Lie> lies = {
      {"of no member", [](PeerIds& ids) { ids["node_x"] = peer_id('x'); }, "node_x"},
      {"of a path", [](PeerIds& ids) { ids["../etc\n"] = peer_id('x'); }, "../etc?"},
      {"of this node", [](PeerIds& ids) { ids[sample_identity().id] = peer_id('x'); },
       "000000000001"},
      {"another than before", [&](PeerIds& ids) { ids[first] = peer_id('x'); }, "before"},
      {"another's", [&](PeerIds& ids) { ids[second] = ids[first]; }, "peer id"},
      {"one character less", [&](PeerIds& ids) { ids[first].pop_back(); }, "is none"},
      {"one character more", [&](PeerIds& ids) { ids[first] += "1"; }, "is none"},
      {"another spelling", [&](PeerIds& ids) { ids[first].insert(0, "1"); }, "is none"},
      {"a CIDv1",
       [&](PeerIds& ids) {
         ids[first] = "bafzaajaiaejcal72gwuz2or47oyxxn6b3rkwdmmkrxgktxzyqvjrr3nd4bvxkm";
       },
       "is none"},
      {"an address", [&](PeerIds& ids) { ids[first] = "/ip4/203.0.113.9/tcp/4001"; }, "is none"},
      {"a line end", [&](PeerIds& ids) { ids[first] += "\n"; }, "is none"},
      {"empty", [&](PeerIds& ids) { ids[first].clear(); }, "is none"},
  };
  for (const auto engine : {&Desired::ipfs_peers, &Desired::ipfs_cluster_peers}) {
    for (const Lie& lie : lies) {
      CAPTURE(lie.what);
      Desired next = told();
      lie.tell(next.*engine);
      const auto accepted = accept_desired(sample_identity(), told(), next);
      REQUIRE_FALSE(accepted.ok());
      CHECK(accepted.error().code == Errc::not_allowed);
      CHECK_MESSAGE(accepted.error().message.find(lie.named) != std::string::npos,
                    accepted.error().message);
      CHECK(accepted.error().message.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("two that share a peer id are refused, also when one of them is only remembered") {
  Desired next = told();
  next.ipfs_peers[next.peers[1].id] = next.ipfs_peers.at(next.peers[0].id);
  const auto at_once = accept_desired(sample_identity(), {}, next);
  REQUIRE_FALSE(at_once.ok());
  CHECK(at_once.error().message.find("share") != std::string::npos);

  Desired saved = told();
  saved.ipfs_peers.erase(saved.peers[0].id);
  Desired half = told();
  half.ipfs_peers = {{half.peers[0].id, saved.ipfs_peers.at(half.peers[1].id)}};
  CHECK_FALSE(accept_desired(sample_identity(), saved, half).ok());
}
