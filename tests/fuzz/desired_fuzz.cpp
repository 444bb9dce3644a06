// A gateway that lies (architecture.md 13): two desired states, split at the first zero byte, the
// second after the first. Whatever they say, what the agent takes over keeps its rules.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "common/api/desired.h"
#include "common/crypto/peer_id.h"
#include "common/json.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "installers/agent/desired_rules.h"
#include "tests/fuzz/require.h"

namespace {

using orama::api::Desired;

const orama::installers::MeshIdentity& self() {
  static const orama::installers::MeshIdentity identity{
      "node_1", orama::mesh::Cidr::parse("10.0.0.0/28").value(),
      orama::mesh::IpAddress::parse("10.0.0.1").value(), std::string(32, '\x05')};
  return identity;
}

void check_peers(const Desired& accepted) {
  std::set<std::string> addresses;
  FUZZ_REQUIRE(accepted.peers.size() < self().mesh_cidr.host_count());
  for (const Desired::Peer& peer : accepted.peers) {
    const auto address = orama::mesh::IpAddress::parse(peer.mesh_ip).value();
    FUZZ_REQUIRE(self().mesh_cidr.contains(address) && address != self().mesh_ip);
    FUZZ_REQUIRE(addresses.insert(address.to_string()).second);
    FUZZ_REQUIRE(peer.id != self().id);
    FUZZ_REQUIRE(orama::mesh::parse_wireguard_key(peer.wg_public_key).value() != self().public_key);
    for (const std::string& text : peer.endpoints) {
      const auto endpoint = orama::mesh::Endpoint::parse(text).value();
      FUZZ_REQUIRE(orama::mesh::check_outside_mesh(endpoint.address, self().mesh_cidr).ok());
    }
  }
  for (const std::string& join : accepted.rqlite_join) {
    FUZZ_REQUIRE(
        std::any_of(accepted.peers.begin(), accepted.peers.end(),
                    [&](const Desired::Peer& peer) { return join == peer.mesh_ip + ":7001"; }));
  }
}

bool has_peer(const Desired& desired, const std::string& id) {
  return std::any_of(desired.peers.begin(), desired.peers.end(),
                     [&](const Desired::Peer& peer) { return peer.id == id; });
}

// Peer ids are real, each one member's, and a known one goes only with its member.
void check_peer_ids(const Desired& before, const Desired& after,
                    std::map<std::string, std::string> Desired::* engine) {
  std::set<std::string> distinct;
  for (const auto& [id, peer_id] : after.*engine) {
    FUZZ_REQUIRE(has_peer(after, id));
    FUZZ_REQUIRE(orama::crypto::is_peer_id(peer_id));
    FUZZ_REQUIRE(distinct.insert(peer_id).second);
  }
  for (const auto& [id, peer_id] : before.*engine) {
    if (has_peer(after, id)) {
      FUZZ_REQUIRE((after.*engine).at(id) == peer_id);
    }
  }
}

// A known member keeps its key and address, and goes only by name.
void check_kept(const Desired& before, const Desired& after) {
  for (const Desired::Peer& peer : before.peers) {
    const bool removed =
        std::any_of(after.removed.begin(), after.removed.end(),
                    [&](const Desired::Removed& node) { return node.id == peer.id; });
    const bool kept =
        std::any_of(after.peers.begin(), after.peers.end(), [&](const Desired::Peer& other) {
          return other.id == peer.id && other.wg_public_key == peer.wg_public_key &&
                 other.mesh_ip == peer.mesh_ip;
        });
    FUZZ_REQUIRE(removed != kept);
  }
}

Desired judged(const Desired& saved, std::string_view text) {
  const auto json = orama::parse_json(text);
  if (!json.ok()) {
    return saved;
  }
  const auto next = Desired::from_json(*json);
  if (!next.ok()) {
    return saved;
  }
  const auto accepted = orama::installers::accept_desired(self(), saved, *next);
  if (!accepted.ok()) {
    return saved;
  }
  check_peers(*accepted);
  check_kept(saved, *accepted);
  check_peer_ids(saved, *accepted, &Desired::ipfs_peers);
  check_peer_ids(saved, *accepted, &Desired::ipfs_cluster_peers);
  return *accepted;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto zero = text.find('\0');
  const Desired first = judged(Desired{}, text.substr(0, zero));
  if (zero != std::string_view::npos) {
    judged(first, text.substr(zero + 1));
  }
  return 0;
}
