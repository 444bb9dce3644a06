#include "installers/agent/cache_keeper.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/registry_lock.h"
#include "installers/engines/engine_node.h"
#include "installers/engines/olric.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

using api::Desired;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLookInterval{2};
// Longer than a member's death goes unseen (5.2 to 6.7 s), and than a start takes to find the
// others.
constexpr seconds kApartPatience{8}, kSettleTime{15}, kReturnPatience{20};
constexpr milliseconds kPollInterval{200};
constexpr const char* kLock = "cache";

std::uint32_t lowest(const std::set<std::string>& addresses) {
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (const std::string& text : addresses) {
    const auto address = mesh::IpAddress::parse(text);
    if (address.ok() && address->is_v4()) {
      least = std::min(least, address->v4());
    }
  }
  return least;
}

// One that has no quorum counts as alone: it does not say whom it sees.
std::set<std::string> part_of(const std::string& mesh_ip, const CacheView& view) {
  return view.members.empty() ? std::set<std::string>{mesh_ip} : view.members;
}

// nullopt before the first start.
Result<std::optional<std::size_t>> running_quorum(Host& host) {
  const std::string path = std::string(paths::kOlricState) + "/olric.yaml";
  const auto text = host.files.read(path);
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? Result<std::optional<std::size_t>>(std::nullopt)
                                                : text.error();
  }
  const auto config = parse_json(*text);
  const nlohmann::json server =
      config.ok() && config->is_object() ? config->value("server", nlohmann::json()) : nullptr;
  const nlohmann::json quorum =
      server.is_object() ? server.value("memberCountQuorum", nlohmann::json()) : nullptr;
  if (!quorum.is_number_unsigned()) {
    return make_error(Errc::failed, path + " has no memberCountQuorum",
                      "systemctl restart orama-olric");
  }
  return std::optional<std::size_t>(quorum.get<std::size_t>());
}

}  // namespace

bool gives_way(const std::set<std::string>& ours, const std::set<std::string>& theirs) {
  return ours.size() != theirs.size() ? ours.size() < theirs.size() : lowest(ours) > lowest(theirs);
}

Result<void> CacheKeeper::follow(const Desired& desired) {
  const SteadyTime now = host_.clock.steady_now();
  if (desired.self.state != "ready" || (looked_ != SteadyTime{} && now - looked_ < kLookInterval)) {
    return {};  // a node that joins is the install's
  }
  looked_ = now;
  const bool settling = restarted_ != SteadyTime{} && now - restarted_ < kSettleTime;
  const auto own = look_(desired.self.mesh_ip);
  if (!own.ok() || settling) {
    return {};  // it is down, which its unit and the gateway's probe see to
  }
  if (!is_apart(desired, *own)) {
    apart_since_ = SteadyTime{};
    return follow_quorum(desired);
  }
  if (apart_since_ == SteadyTime{}) {
    apart_since_ = now;
  }
  if (now - apart_since_ < kApartPatience) {
    return {};
  }
  apart_since_ = SteadyTime{};
  return restart(desired);
}

bool CacheKeeper::is_apart(const Desired& desired, const CacheView& own) const {
  const std::set<std::string> ours = part_of(desired.self.mesh_ip, own);
  return std::any_of(desired.peers.begin(), desired.peers.end(), [&](const Desired::Peer& peer) {
    if (ours.contains(peer.mesh_ip)) {
      return false;
    }
    const auto view = look_(peer.mesh_ip);
    return view.ok() && gives_way(ours, part_of(peer.mesh_ip, *view));
  });
}

// A vote of the registry decides who may be away: while there is none, nothing is restarted.
Result<void> CacheKeeper::follow_quorum(const Desired& desired) {
  if (desired.stale) {
    return {};
  }
  TRY(running, running_quorum(host_));
  if (!running || *running == cache_quorum(desired)) {
    return {};
  }
  RegistryLock lock(host_, kLock, desired);
  TRY(locked, lock.take());
  if (!locked) {
    return {};
  }
  const auto restarted = restart(desired);
  TRY_VOID(lock.release_soon());
  return restarted;
}

Result<void> CacheKeeper::restart(const Desired& desired) {
  restarted_ = host_.clock.steady_now();
  TRY_VOID(host_.systemd.restart(paths::kOlricUnit));
  const SteadyTime deadline = host_.clock.steady_now() + kReturnPatience;
  while (host_.clock.steady_now() < deadline) {
    const auto view = look_(desired.self.mesh_ip);
    if (view.ok() && view->quorum) {
      return {};
    }
    host_.clock.sleep_for(kPollInterval);
  }
  return make_error(Errc::timeout,
                    "the cache of this node was restarted and serves again in vain awaited for " +
                        std::to_string(kReturnPatience.count()) + " s",
                    "journalctl -u orama-olric");
}

}  // namespace orama::installers
