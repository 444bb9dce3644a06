#include "installers/agent/desired_rules.h"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "tests/unit/installers/agent/fake_mesh_device.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): samples
using orama::Errc;
using orama::api::Desired;

TEST_CASE("an honest desired state is taken over as it is") {
  const Desired next = sample_desired();
  const auto accepted = accept_desired(sample_identity(), {}, next);
  REQUIRE(accepted.ok());
  CHECK(accepted->to_json() == next.to_json());
}

TEST_CASE("a member that an answer leaves out stays; only `removed` takes it away") {
  const Desired saved = sample_desired();
  Desired next = sample_desired();
  next.peers.pop_back();
  const auto shorter = accept_desired(sample_identity(), saved, next);
  REQUIRE(shorter.ok());
  CHECK(shorter->peers.size() == 2);

  Desired empty = sample_desired();
  empty.peers.clear();
  CHECK(accept_desired(sample_identity(), saved, empty)->peers.size() == 2);

  next.removed = {{saved.peers[1].id, saved.peers[1].wg_public_key}};
  const auto removed = accept_desired(sample_identity(), saved, next);
  REQUIRE(removed.ok());
  REQUIRE(removed->peers.size() == 1);
  CHECK(removed->peers[0].id == saved.peers[0].id);
}

TEST_CASE("a desired state that lies is refused whole, naming the lie") {
  struct Lie {
    const char* what;
    std::function<void(Desired&)> tell;
    const char* named;
  };
  const MeshIdentity self = sample_identity();
  const std::vector<Lie> lies = {
      {"another range", [](Desired& d) { d.mesh_cidr = "10.0.0.0/23"; }, "mesh_cidr"},
      {"another id", [](Desired& d) { d.self.id = "node_other"; }, "node_other"},
      {"another address", [](Desired& d) { d.self.mesh_ip = "10.0.0.9"; }, "10.0.0.9"},
      {"a peer with our address", [](Desired& d) { d.peers[0].mesh_ip = "10.0.0.1"; }, "10.0.0.1"},
      {"a peer outside the range", [](Desired& d) { d.peers[0].mesh_ip = "10.0.1.2"; }, "10.0.1.2"},
      {"the network address", [](Desired& d) { d.peers[0].mesh_ip = "10.0.0.0"; }, "10.0.0.0"},
      {"the broadcast address", [](Desired& d) { d.peers[0].mesh_ip = "10.0.0.255"; },
       "10.0.0.255"},
      {"a range as address", [](Desired& d) { d.peers[0].mesh_ip = "0.0.0.0/0"; }, "0.0.0.0/0"},
      {"an IPv6 mesh address", [](Desired& d) { d.peers[0].mesh_ip = "fd00::2"; }, "fd00::2"},
      {"our own id as peer", [&self](Desired& d) { d.peers[0].id = self.id; }, "000000000001"},
      {"our own key",
       [&self](Desired& d) {
         d.peers[0].wg_public_key = orama::crypto::to_base64(self.public_key);
       },
       "own"},
      {"the zero key", [](Desired& d) { d.peers[0].wg_public_key = member_key('\0'); }, "key"},
      {"a short key", [](Desired& d) { d.peers[0].wg_public_key = "YWJj"; }, "key"},
      {"a known member with another key",
       [](Desired& d) { d.peers[0].wg_public_key = member_key('z'); }, "another key"},
      {"a known member at another address", [](Desired& d) { d.peers[0].mesh_ip = "10.0.0.77"; },
       "another key or"},
      {"a loopback endpoint", [](Desired& d) { d.peers[0].endpoints = {"127.0.0.1:51820"}; },
       "127.0.0.1"},
      {"an endpoint in the mesh", [](Desired& d) { d.peers[0].endpoints = {"10.0.0.3:51820"}; },
       "10.0.0.3"},
      {"an endpoint with a line end",
       [](Desired& d) { d.peers[0].endpoints = {"203.0.113.9:1\nremove=true"}; }, "endpoint"},
      {"two peers at one address",
       [](Desired& d) {
         d.peers.push_back(sample_peer(2));
         d.peers[2].id = "node_x";
       },
       "share"},
      {"the same peer twice", [](Desired& d) { d.peers.push_back(sample_peer(2)); }, "share"},
      {"a peer that is removed too",
       [](Desired& d) { d.removed = {{d.peers[0].id, d.peers[0].wg_public_key}}; }, "removed"},
      {"removing us", [&self](Desired& d) { d.removed = {{self.id, member_key('q')}}; }, "removes"},
      {"removing our key",
       [&self](Desired& d) { d.removed = {{"node_x", orama::crypto::to_base64(self.public_key)}}; },
       "own"},
      {"removing a member's key under another id",
       [](Desired& d) { d.removed = {{"node_x", d.peers[0].wg_public_key}}; }, "another member"},
      {"removing a known id under another key",
       [](Desired& d) {
         d.removed = {{d.peers[1].id, member_key('q')}};
         d.peers.pop_back();
       },
       "another key"},
      {"a join list with a stranger", [](Desired& d) { d.rqlite_join = {"203.0.113.66:7001"}; },
       "203.0.113.66"},
      {"a join list with another port", [](Desired& d) { d.rqlite_join = {"10.0.0.2:22"}; },
       "10.0.0.2:22"},
      {"a join list with ourselves", [](Desired& d) { d.rqlite_join = {"10.0.0.1:7001"}; },
       "10.0.0.1:7001"},
      {"a name that is none", [](Desired& d) { d.peers[0].name = "No Such"; }, "No Such"},
      {"an id that is a path", [](Desired& d) { d.peers[0].id = "../../etc"; }, "../../etc"},
  };
  for (const Lie& lie : lies) {
    CAPTURE(lie.what);
    Desired next = sample_desired();
    lie.tell(next);
    const auto accepted = accept_desired(self, sample_desired(), next);
    REQUIRE_FALSE(accepted.ok());
    CHECK(accepted.error().code == Errc::not_allowed);
    CHECK_MESSAGE(accepted.error().message.find(lie.named) != std::string::npos,
                  accepted.error().message);
    CHECK(accepted.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a join list of members' registries is fine") {
  Desired next = sample_desired();
  next.rqlite_join = {"10.0.0.2:7001", "10.0.0.3:7001"};
  CHECK(accept_desired(sample_identity(), {}, next).ok());
}

TEST_CASE("as many members as the range holds, and not one more") {
  MeshIdentity self = sample_identity();
  self.mesh_cidr = orama::mesh::Cidr::parse("10.0.0.0/28").value();
  Desired next = sample_desired();
  next.mesh_cidr = "10.0.0.0/28";
  next.peers.clear();
  for (int host = 2; host <= 14; ++host) {
    Desired::Peer peer = sample_peer(2);
    peer.id = "node_" + std::to_string(host);
    peer.mesh_ip = "10.0.0." + std::to_string(host);
    peer.wg_public_key = member_key(static_cast<char>(host + 64));
    next.peers.push_back(peer);
  }
  CHECK(accept_desired(self, {}, next).ok());
  // No address is left for one more, so it must take another's.
  next.peers.push_back(next.peers.back());
  next.peers.back().id = "node_99";
  next.peers.back().wg_public_key = member_key('~');
  CHECK_FALSE(accept_desired(self, {}, next).ok());
}

TEST_CASE("only the differences go to the device") {
  FakeMeshDevice device;
  const Desired desired = sample_desired();
  const auto first = mesh_peer_changes(device.state(), desired, desired);
  REQUIRE(first.size() == 2);
  CHECK(first[0].action == MeshPeerChange::Action::set);
  CHECK(first[0].mesh_ip->to_string() == "10.0.0.2");
  CHECK(first[0].endpoint == "203.0.113.12:51820");
  REQUIRE(device.change_peers(first).ok());
  CHECK(mesh_peer_changes(device.state(), desired, desired).empty());
}

TEST_CASE("a peer that roamed keeps its endpoint until the members' list changes it") {
  FakeMeshDevice device;
  const Desired before = sample_desired();
  REQUIRE(device.change_peers(mesh_peer_changes({}, before, before)).ok());
  REQUIRE(device
              .change_peers({{MeshPeerChange::Action::set_endpoint,
                              orama::crypto::from_base64(before.peers[0].wg_public_key).value(),
                              std::nullopt, "198.51.100.7:4711"}})
              .ok());
  CHECK(mesh_peer_changes(device.state(), before, before).empty());

  Desired moved = before;
  moved.peers[0].endpoints = {"203.0.113.99:51820"};
  const auto changes = mesh_peer_changes(device.state(), before, moved);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].action == MeshPeerChange::Action::set_endpoint);
  CHECK(changes[0].endpoint == "203.0.113.99:51820");
}

TEST_CASE("a removed member leaves the device; peers that nobody speaks of stay") {
  FakeMeshDevice device;
  Desired desired = sample_desired();
  REQUIRE(device.change_peers(mesh_peer_changes({}, desired, desired)).ok());
  device.add_peer({std::string(32, 'h'), {}, "", {}, 0, 0});  // by hand
  desired.removed = {{desired.peers[1].id, desired.peers[1].wg_public_key}};
  desired.peers.pop_back();
  const auto changes = mesh_peer_changes(device.state(), desired, desired);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].action == MeshPeerChange::Action::remove);
  REQUIRE(device.change_peers(changes).ok());
  CHECK(device.state().peers.size() == 2);
}
