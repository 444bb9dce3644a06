#include "installers/agent/desired_rules.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/crypto/peer_id.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using api::Desired;

Error refused(const std::string& what) {
  return make_error(Errc::not_allowed, "the gateway's desired state is refused: " + what,
                    "journalctl -u orama-gateway -u orama-agent");
}

// Foreign text in a message: short, and without anything that could end a log line.
std::string shown(std::string_view text) {
  std::string safe(text.substr(0, 80));
  std::replace_if(safe.begin(), safe.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return "`" + safe + "`";
}

// The host address of a member: inside the range, neither its network nor its broadcast address,
// not ours.
Result<mesh::IpAddress> member_address(const MeshIdentity& self, const std::string& text) {
  auto address = mesh::IpAddress::parse(text);
  const bool inside = address.ok() && address->is_v4() && self.mesh_cidr.contains(*address);
  const std::uint32_t host = inside ? address->v4() - self.mesh_cidr.network().v4() : 0;
  if (!inside || host == 0 || host > self.mesh_cidr.host_count() || *address == self.mesh_ip) {
    return refused(shown(text) + " is no member's address in " + self.mesh_cidr.to_string());
  }
  return address;
}

Result<std::string> member_key(const MeshIdentity& self, const std::string& base64) {
  auto key = mesh::parse_wireguard_key(base64);
  if (!key.ok()) {
    return refused("a member's WireGuard key is none: " + key.error().message);
  }
  if (*key == self.public_key) {
    return refused("a member has this node's own WireGuard key");
  }
  return key;
}

const Desired::Peer* find_peer(const Desired& desired, const std::string& id) {
  const auto found = std::find_if(desired.peers.begin(), desired.peers.end(),
                                  [&id](const Desired::Peer& peer) { return peer.id == id; });
  return found == desired.peers.end() ? nullptr : &*found;
}

bool is_removed(const Desired& desired, const std::string& id) {
  return std::any_of(desired.removed.begin(), desired.removed.end(),
                     [&id](const Desired::Removed& node) { return node.id == id; });
}

Result<void> check_self(const MeshIdentity& self, const Desired& next) {
  if (next.mesh_cidr != self.mesh_cidr.to_string()) {
    return refused("mesh_cidr is " + shown(next.mesh_cidr) + ", this node's is " +
                   self.mesh_cidr.to_string());
  }
  if (next.self.id != self.id || next.self.mesh_ip != self.mesh_ip.to_string()) {
    return refused("it is for " + shown(next.self.id) + " at " + shown(next.self.mesh_ip) +
                   ", this node is " + self.id + " at " + self.mesh_ip.to_string());
  }
  return {};
}

Result<void> check_peer(const MeshIdentity& self, const Desired& saved, const Desired& next,
                        const Desired::Peer& peer) {
  if (!api::is_id(peer.id) || peer.id == self.id || !mesh::parse_node_name(peer.name).ok()) {
    return refused("a member with id " + shown(peer.id) + " and name " + shown(peer.name));
  }
  TRY_VOID(member_address(self, peer.mesh_ip));
  TRY_VOID(member_key(self, peer.wg_public_key));
  for (const std::string& endpoint : peer.endpoints) {
    const auto parsed = mesh::Endpoint::parse(endpoint);
    if (!parsed.ok() || !mesh::check_outside_mesh(parsed->address, self.mesh_cidr).ok()) {
      return refused("endpoint " + shown(endpoint) + " of " + peer.id +
                     " is no address and port outside the mesh");
    }
  }
  const Desired::Peer* known = find_peer(saved, peer.id);
  if (known != nullptr &&
      (known->wg_public_key != peer.wg_public_key || known->mesh_ip != peer.mesh_ip)) {
    return refused("member " + peer.id + " has another key or mesh address than before");
  }
  if (is_removed(next, peer.id)) {
    return refused("member " + peer.id + " is both there and removed");
  }
  return {};
}

Result<void> check_removed(const MeshIdentity& self, const Desired& saved, const Desired& next) {
  for (const Desired::Removed& node : next.removed) {
    if (!api::is_id(node.id) || node.id == self.id) {
      return refused("it removes " + shown(node.id));
    }
    TRY_VOID(member_key(self, node.wg_public_key));
    const Desired::Peer* known = find_peer(saved, node.id);
    if (known != nullptr && known->wg_public_key != node.wg_public_key) {
      return refused("it removes " + node.id + " under another key than before");
    }
  }
  return {};
}

Result<void> check_join_list(const Desired& merged) {
  const std::string port = ":" + std::to_string(paths::kRqliteRaftPort);
  for (const std::string& address : merged.rqlite_join) {
    const bool of_member =
        std::any_of(merged.peers.begin(), merged.peers.end(),
                    [&](const Desired::Peer& peer) { return address == peer.mesh_ip + port; });
    if (!of_member) {
      return refused("the join list holds " + shown(address) + ", which is no member's registry");
    }
  }
  return {};
}

using PeerIds = std::map<std::string, std::string>;  // by node id

// One that `next` tells.
Result<void> check_peer_id(const Desired& next, const PeerIds& saved, const std::string& engine,
                           const PeerIds::value_type& told) {
  const auto& [node, peer_id] = told;
  if (find_peer(next, node) == nullptr) {
    return refused("the " + engine + " peers hold " + shown(node) + ", which is no member");
  }
  if (!crypto::is_peer_id(peer_id)) {
    return refused("the " + engine + " peer id of " + node + ", " + shown(peer_id) + ", is none");
  }
  const auto known = saved.find(node);
  if (known != saved.end() && known->second != peer_id) {
    return refused("member " + node + " has another " + engine + " peer id than before");
  }
  return {};
}

// Of one engine. Those of members that stay and that `next` does not tell are kept in `merged`.
Result<void> merge_peer_ids(const Desired& next, const PeerIds& saved, const std::string& engine,
                            const Desired& members, PeerIds& merged) {
  for (const auto& told : merged) {
    TRY_VOID(check_peer_id(next, saved, engine, told));
  }
  for (const auto& [node, peer_id] : saved) {
    if (find_peer(members, node) != nullptr) {
      merged.emplace(node, peer_id);
    }
  }
  std::set<std::string> ids;
  for (const auto& [node, peer_id] : merged) {
    ids.insert(peer_id);
  }
  return ids.size() == merged.size() ? Result<void>()
                                     : refused("two members share a peer id of " + engine);
}

// Ids, names are one thing; address and key must be one member's alone, also against those that
// stay.
Result<void> check_distinct(const MeshIdentity& self, const Desired& merged) {
  std::set<std::string> ids, addresses, keys;
  for (const Desired::Peer& peer : merged.peers) {
    if (!ids.insert(peer.id).second || !addresses.insert(peer.mesh_ip).second ||
        !keys.insert(peer.wg_public_key).second) {
      return refused("two members share an id, an address or a key (" + peer.id + ")");
    }
  }
  for (const Desired::Removed& node : merged.removed) {
    if (keys.contains(node.wg_public_key)) {
      return refused("it removes the key of another member under the id " + node.id);
    }
  }
  if (merged.peers.size() >= self.mesh_cidr.host_count()) {
    return refused(std::to_string(merged.peers.size()) + " members do not fit into " +
                   self.mesh_cidr.to_string());
  }
  return {};
}

}  // namespace

Result<Desired> accept_desired(const MeshIdentity& self, const Desired& saved,
                               const Desired& next) {
  TRY_VOID(check_self(self, next));
  for (const Desired::Peer& peer : next.peers) {
    TRY_VOID(check_peer(self, saved, next, peer));
  }
  TRY_VOID(check_removed(self, saved, next));
  Desired merged = next;
  for (const Desired::Peer& peer : saved.peers) {
    if (find_peer(next, peer.id) == nullptr && !is_removed(next, peer.id)) {
      merged.peers.push_back(peer);
    }
  }
  TRY_VOID(check_distinct(self, merged));
  TRY_VOID(merge_peer_ids(next, saved.ipfs_peers, "IPFS", merged, merged.ipfs_peers));
  TRY_VOID(merge_peer_ids(next, saved.ipfs_cluster_peers, "IPFS Cluster", merged,
                          merged.ipfs_cluster_peers));
  TRY_VOID(check_join_list(merged));
  return merged;
}

}  // namespace orama::installers
