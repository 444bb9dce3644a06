#include "installers/agent/netlink_peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {
namespace {

using Action = MeshPeerChange::Action;

constexpr std::uint8_t kSingleAddress = 32;  // prefix bits of one IPv4 address

std::string key_text(const wg_key& key) {
  return {reinterpret_cast<const char*>(key), sizeof(wg_key)};
}

void set_flags(wg_peer& peer, unsigned flags) {
  peer.flags = static_cast<wg_peer_flags>(flags);
}

void set_endpoint(wg_peer& peer, const mesh::Endpoint& endpoint) {
  const auto& bytes = endpoint.address.bytes();
  if (endpoint.address.is_v4()) {
    peer.endpoint.addr4.sin_family = AF_INET;
    peer.endpoint.addr4.sin_port = htons(endpoint.port);
    std::memcpy(&peer.endpoint.addr4.sin_addr, bytes.data(), sizeof(in_addr));
  } else {
    peer.endpoint.addr6.sin6_family = AF_INET6;
    peer.endpoint.addr6.sin6_port = htons(endpoint.port);
    std::memcpy(&peer.endpoint.addr6.sin6_addr, bytes.data(), sizeof(in6_addr));
  }
}

// "" for none, and for a link-local one, which is no address of a member.
std::string endpoint_text(const wg_peer& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::uint16_t port = 0;
  if (peer.endpoint.addr.sa_family == AF_INET) {
    inet_ntop(AF_INET, &peer.endpoint.addr4.sin_addr, text.data(), text.size());
    port = ntohs(peer.endpoint.addr4.sin_port);
  } else if (peer.endpoint.addr.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &peer.endpoint.addr6.sin6_addr, text.data(), text.size());
    port = ntohs(peer.endpoint.addr6.sin6_port);
  }
  const auto address = mesh::IpAddress::parse(text.data());
  return address.ok() && !address->is_link_local() ? mesh::Endpoint{*address, port}.to_string()
                                                   : "";
}

// Only a /32 names a node; anything else on the device was not put there by the agent.
std::optional<mesh::IpAddress> single_address(const wg_peer& peer) {
  std::optional<mesh::IpAddress> found;
  for (const wg_allowedip* ip = peer.first_allowedip; ip != nullptr; ip = ip->next_allowedip) {
    if (ip->family == AF_INET && ip->cidr == kSingleAddress) {
      found = mesh::IpAddress::from_v4(ntohl(ip->ip4.s_addr));
    }
  }
  return found;
}

}  // namespace

Result<void> NetlinkPeers::add(const MeshPeerChange& change) {
  if (change.public_key.size() != sizeof(wg_key)) {
    return make_error(Errc::invalid_argument, "a mesh peer's key has " +
                                                  std::to_string(change.public_key.size()) +
                                                  " bytes, expected 32");
  }
  wg_peer& peer = peers_.emplace_back();
  std::memcpy(peer.public_key, change.public_key.data(), sizeof(wg_key));
  unsigned flags = WGPEER_HAS_PUBLIC_KEY;
  if (change.action == Action::remove) {
    set_flags(peer, flags | WGPEER_REMOVE_ME);
    return {};
  }
  if (change.action == Action::set) {
    if (!change.mesh_ip || !change.mesh_ip->is_v4()) {
      return make_error(Errc::invalid_argument, "a mesh peer has no IPv4 mesh address");
    }
    flags |= WGPEER_REPLACE_ALLOWEDIPS | WGPEER_HAS_PERSISTENT_KEEPALIVE_INTERVAL;
    peer.persistent_keepalive_interval = kMeshKeepaliveSeconds;
    wg_allowedip& ip = addresses_.emplace_back();
    ip.family = AF_INET;
    ip.ip4.s_addr = htonl(change.mesh_ip->v4());
    ip.cidr = kSingleAddress;
    peer.first_allowedip = peer.last_allowedip = &ip;
  }
  if (!change.endpoint.empty()) {
    TRY(endpoint, mesh::Endpoint::parse(change.endpoint));
    set_endpoint(peer, endpoint);
  }
  set_flags(peer, flags);
  return {};
}

Result<NetlinkPeers> NetlinkPeers::make(const std::vector<MeshPeerChange>& changes,
                                        const std::set<std::string>& known) {
  NetlinkPeers peers;
  peers.peers_.reserve(changes.size());
  peers.addresses_.reserve(changes.size());
  std::set<std::string> present = known;
  for (const MeshPeerChange& change : changes) {
    if (change.action == Action::set) {
      present.insert(change.public_key);
    } else if (!present.contains(change.public_key)) {
      continue;
    }
    TRY_VOID(peers.add(change));
  }
  return peers;
}

void NetlinkPeers::attach_to(wg_device& device) {
  for (std::size_t i = 1; i < peers_.size(); ++i) {
    peers_[i - 1].next_peer = &peers_[i];
  }
  device.first_peer = peers_.empty() ? nullptr : &peers_.front();
  device.last_peer = peers_.empty() ? nullptr : &peers_.back();
}

MeshDeviceState state_of(const wg_device& device) {
  MeshDeviceState state;
  if ((static_cast<unsigned>(device.flags) & WGDEVICE_HAS_PUBLIC_KEY) != 0) {
    state.public_key = key_text(device.public_key);
  }
  state.listen_port = device.listen_port;
  for (const wg_peer* peer = device.first_peer; peer != nullptr; peer = peer->next_peer) {
    MeshPeer seen;
    seen.public_key = key_text(peer->public_key);
    seen.mesh_ip = single_address(*peer);
    seen.endpoint = endpoint_text(*peer);
    if (peer->last_handshake_time.tv_sec > 0) {
      seen.last_handshake = std::chrono::seconds(peer->last_handshake_time.tv_sec);
    }
    seen.received_bytes = peer->rx_bytes;
    seen.sent_bytes = peer->tx_bytes;
    state.peers.push_back(std::move(seen));
  }
  return state;
}

}  // namespace orama::installers
