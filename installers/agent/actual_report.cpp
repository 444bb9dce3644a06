#include "installers/agent/actual_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/agent/mesh_back_end.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/command_runner.h"
#include "installers/host/mesh_interface.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr int kOk = 200;
constexpr std::chrono::minutes kPackageInterval{1};

const std::vector<std::string>& reported_units() {
  static const std::vector<std::string> units = {
      paths::kWireguardUnit,      paths::kAgentUnit,   paths::kRqliteUnit,
      paths::kDatabaseUnit,       paths::kOlricUnit,   paths::kIpfsUnit,
      paths::kIpfsClusterUnit,    paths::kGatewayUnit, paths::kCaddyUnit,
      paths::kFirewallRevertTimer};
  return units;
}

// Engines that an upgrade leaves running on their old binary until somebody restarts them.
struct EngineBinary {
  const char* unit;
  const char* path;
};
constexpr std::array<EngineBinary, 6> kEngineBinaries = {{
    {paths::kRqliteUnit, "/usr/lib/orama/rqlited"},
    {paths::kDatabaseUnit, "/usr/lib/orama/rqlited"},
    {paths::kOlricUnit, "/usr/lib/orama/olric-server"},
    {paths::kIpfsUnit, "/usr/lib/orama/ipfs"},
    {paths::kIpfsClusterUnit, "/usr/lib/orama/ipfs-cluster-service"},
    {paths::kWireguardUnit, "/usr/bin/wireguard-go"},
}};

std::optional<long long> parse_seconds(std::string_view text) {
  long long seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return failure == std::errc{} && end != text.data() ? std::optional(seconds) : std::nullopt;
}

std::string member_of_key(const api::Desired& applied, const std::string& key) {
  const std::string base64 = crypto::to_base64(key);
  const auto found =
      std::find_if(applied.peers.begin(), applied.peers.end(),
                   [&](const api::Desired::Peer& peer) { return peer.wg_public_key == base64; });
  return found == applied.peers.end() ? std::string() : found->id;
}

}  // namespace

std::map<std::string, std::string> parse_package_versions(std::string_view text) {
  std::map<std::string, std::string> versions;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos && space > 0 && space + 1 < line.size()) {
      versions[std::string(line.substr(0, space))] = std::string(line.substr(space + 1));
    }
  }
  return versions;
}

bool has_met_all(const api::Desired& applied, const api::Actual& actual) {
  return std::all_of(
      applied.peers.begin(), applied.peers.end(), [&actual](const api::Desired::Peer& peer) {
        return std::any_of(actual.peers.begin(), actual.peers.end(),
                           [&peer](const api::Actual::Peer& seen) {
                             return seen.id == peer.id && seen.last_handshake.has_value();
                           });
      });
}

void ActualReport::look_at_packages() {
  const SteadyTime now = host_.clock.steady_now();
  if (packages_seen_ && now - *packages_seen_ < kPackageInterval) {
    return;
  }
  packages_seen_ = now;
  // Ends with 1 when one of the two is not installed, and lists the other all the same.
  const auto query =
      host_.commands.run(Command({"dpkg-query", "--show", "--showformat=${Package} ${Version}\\n",
                                  "orama", "orama-components"}));
  packages_ =
      query.ok() ? parse_package_versions(query->out) : std::map<std::string, std::string>();
  const auto mesh = read_mesh_interface(host_.commands, paths::kMeshInterface);
  const bool kernel = mesh.ok() && mesh_back_end(mesh->kind) == MeshBackEnd::kernel;
  for (const EngineBinary& engine : kEngineBinaries) {
    if (kernel && engine.unit == std::string_view(paths::kWireguardUnit)) {
      binary_changed_[engine.unit].clear();  // wireguard-go does not run
      continue;
    }
    const auto changed = host_.commands.run(Command({"stat", "--format=%Z", engine.path}));
    const auto seconds = changed.ok() && changed->ok() ? parse_seconds(changed->out) : std::nullopt;
    binary_changed_[engine.unit] =
        seconds ? format_rfc3339(WallTime(std::chrono::seconds(*seconds))) : std::string();
  }
}

void ActualReport::add_peers(const api::Desired& applied, api::Actual& actual) {
  const auto state = device_.read();
  if (!state.ok()) {
    return;
  }
  for (const MeshPeer& peer : state->peers) {
    api::Actual::Peer report;
    report.id = member_of_key(applied, peer.public_key);
    if (report.id.empty()) {
      continue;  // put there by hand
    }
    if (peer.last_handshake) {
      report.last_handshake = format_rfc3339(WallTime(*peer.last_handshake));
    }
    report.rx = static_cast<std::int64_t>(peer.received_bytes & INT64_MAX);
    report.tx = static_cast<std::int64_t>(peer.sent_bytes & INT64_MAX);
    report.endpoint = peer.endpoint;
    actual.peers.push_back(std::move(report));
  }
}

void ActualReport::add_units(api::Actual& actual) {
  const auto states = host_.systemd.states(reported_units());
  if (!states.ok()) {
    return;
  }
  for (const UnitState& state : *states) {
    if (state.load != "loaded") {
      continue;
    }
    api::Actual::Unit report;
    report.name = state.name;
    report.active = state.active;
    if (!state.since.empty()) {
      report.since = state.since;
    }
    const auto changed = binary_changed_.find(state.name);
    // Both times are of this host's clock in the same form, so that text order is time order.
    report.restart_pending = state.is_active() && changed != binary_changed_.end() &&
                             !state.since.empty() && changed->second > state.since;
    actual.units.push_back(std::move(report));
  }
}

api::Actual ActualReport::make(const api::Desired& applied) {
  look_at_packages();
  api::Actual actual;
  actual.version = applied.version;
  add_peers(applied, actual);
  add_units(actual);
  std::error_code failure;
  const auto space = std::filesystem::space(paths::kState, failure);
  if (!failure) {
    actual.disk_free = static_cast<std::int64_t>(space.available);
    actual.disk_total = static_cast<std::int64_t>(space.capacity);
  }
  actual.package_orama = packages_["orama"];
  actual.package_components = packages_["orama-components"];
  actual.time = format_rfc3339(host_.clock.wall_now());
  return actual;
}

Result<void> ActualReport::send(const api::Actual& actual, const std::string& socket) {
  HttpRequest request;
  request.method = "POST";
  request.url = "http://localhost/admin/actual";
  request.unix_socket = socket;
  request.headers = {"Content-Type: application/json"};
  request.body = actual.to_json().dump();
  request.timeout = std::chrono::seconds(5);
  TRY(response, host_.http.send(request));
  if (response.status != kOk) {
    return make_error(Errc::failed, "the gateway answered " + std::to_string(response.status) +
                                        " to this node's report, expected 200");
  }
  return {};
}

}  // namespace orama::installers
