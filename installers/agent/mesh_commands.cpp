#include "installers/agent/mesh_commands.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/agent/mesh_back_end.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/mesh_interface.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

// Only names are taken from it, so a missing or broken file is no failure of `show`.
std::vector<api::Desired::Peer> saved_members(Host& host) {
  const auto text = host.files.read(paths::kSavedDesired);
  if (!text.ok()) {
    return {};
  }
  const auto body = parse_json(*text);
  auto desired = body.ok() ? api::Desired::from_json(*body) : Result<api::Desired>(body.error());
  return desired.ok() ? std::move(desired->peers) : std::vector<api::Desired::Peer>();
}

}  // namespace

Result<MeshView> read_mesh(Host& host, MeshDevice& device) {
  MeshView view;
  TRY(interface, read_mesh_interface(host.commands, paths::kMeshInterface));
  view.interface = std::move(interface);
  view.back_end = mesh_back_end_name(view.interface.kind);
  TRY(states, host.systemd.states({paths::kAgentUnit, paths::kWireguardUnit}));
  view.agent = std::move(states[0]);
  view.wireguard = std::move(states[1]);
  auto state = device.read();
  if (state.ok()) {
    view.device = std::move(state).value();
  } else {
    view.device_problem = state.error().message;
  }
  view.members = saved_members(host);
  return view;
}

std::optional<std::string> tunnel_endpoint(MeshDevice& device, const std::string& wg_public_key) {
  const auto state = device.read();
  if (!state.ok()) {
    return std::nullopt;
  }
  const auto peer =
      std::find_if(state->peers.begin(), state->peers.end(), [&wg_public_key](const MeshPeer& one) {
        return one.last_handshake && crypto::to_base64(one.public_key) == wg_public_key;
      });
  return peer == state->peers.end() ? std::nullopt : std::optional(peer->endpoint);
}

Result<void> mesh_up(Host& host) {
  TRY_VOID(host.systemd.start(paths::kWireguardUnit));
  return host.systemd.start(paths::kAgentUnit);
}

Result<void> mesh_down(Host& host) {
  // The agent first: it would report, and find fault with, an interface that is meant to be gone.
  TRY_VOID(host.systemd.stop(paths::kAgentUnit));
  return host.systemd.stop(paths::kWireguardUnit);
}

}  // namespace orama::installers
