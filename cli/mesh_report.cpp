#include "cli/mesh_report.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "installers/agent/mesh_commands.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/mesh_interface.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using installers::MeshPeer;
using installers::MeshView;
using nlohmann::json;

std::string handshake_text(const MeshPeer& peer, WallTime now) {
  if (!peer.last_handshake) {
    return "never";
  }
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()) -
                   *peer.last_handshake;
  return std::to_string(std::max<std::int64_t>(0, age.count())) + " s ago";
}

// The agent's saved set knows names; keys there are base64.
std::string name_of(const MeshView& view, const MeshPeer& peer) {
  const std::string key = crypto::to_base64(peer.public_key);
  for (const auto& member : view.members) {
    if (member.wg_public_key == key) {
      return member.name;
    }
  }
  return "unknown";
}

json peer_json(const MeshView& view, const MeshPeer& peer) {
  json item = {{"name", name_of(view, peer)},
               {"public_key", crypto::to_base64(peer.public_key)},
               {"mesh_ip", peer.mesh_ip ? peer.mesh_ip->to_string() : ""},
               {"endpoint", peer.endpoint},
               {"last_handshake", nullptr},
               {"received_bytes", peer.received_bytes},
               {"sent_bytes", peer.sent_bytes}};
  if (peer.last_handshake) {
    item["last_handshake"] = format_rfc3339(WallTime(*peer.last_handshake));
  }
  return item;
}

}  // namespace

std::string mesh_text(const MeshView& view, WallTime now) {
  const installers::MeshInterfaceState& interface = view.interface;
  std::vector<std::vector<std::string>> rows = {
      {"interface", std::string(installers::paths::kMeshInterface) + " (" + view.back_end + ")"},
      {"state", !interface.present ? "absent"
                : interface.up     ? "up"
                                   : "down"},
      {"address", joined(interface.addresses, "none")},
      {"mtu", std::to_string(interface.mtu)},
      {view.agent.name, view.agent.active},
      {view.wireguard.name, view.wireguard.active}};
  if (!view.device) {
    return format_table(rows) + "keys and peers: " + view.device_problem + "\n";
  }
  rows.push_back({"public key", crypto::to_base64(view.device->public_key)});
  rows.push_back({"listens on", std::to_string(view.device->listen_port) + "/udp"});
  rows.push_back({"peers", std::to_string(view.device->peers.size())});
  const std::string text = format_table(rows);
  if (view.device->peers.empty()) {
    return text;
  }
  rows = {{"name", "mesh ip", "endpoint", "last handshake", "received", "sent", "public key"}};
  for (const MeshPeer& peer : view.device->peers) {
    rows.push_back({name_of(view, peer), peer.mesh_ip ? peer.mesh_ip->to_string() : "-",
                    peer.endpoint.empty() ? "unknown" : peer.endpoint, handshake_text(peer, now),
                    std::to_string(peer.received_bytes), std::to_string(peer.sent_bytes),
                    crypto::to_base64(peer.public_key)});
  }
  return text + "\n" + format_table(rows);
}

json mesh_json(const MeshView& view) {
  json body = {{"interface", installers::paths::kMeshInterface},
               {"back_end", view.back_end},
               {"present", view.interface.present},
               {"up", view.interface.up},
               {"addresses", view.interface.addresses},
               {"mtu", view.interface.mtu},
               {"agent", view.agent.active},
               {"device", nullptr},
               {"device_problem", view.device_problem}};
  if (view.device) {
    json peers = json::array();
    for (const MeshPeer& peer : view.device->peers) {
      peers.push_back(peer_json(view, peer));
    }
    body["device"] = {{"public_key", crypto::to_base64(view.device->public_key)},
                      {"listen_port", view.device->listen_port},
                      {"peers", std::move(peers)}};
  }
  return body;
}

}  // namespace orama::cli
