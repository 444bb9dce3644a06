// What is known of the other members by the links to them: whether they are up, their version, and
// what their agents last reported, kept in memory with its age. Safe from any thread.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "common/api/desired.h"
#include "common/clock.h"
#include "gateway/cluster/node_report.h"

namespace orama::gateway::cluster {

struct PeerState {
  bool up = false;
  std::string version;  // "" unknown
  std::optional<NodeReport::Received> report;
  std::optional<WallTime> last_seen;  // by this node's clock
  std::optional<SteadyTime> last_seen_steady;
};

class PeerReports {
 public:
  explicit PeerReports(const Clock& clock) : clock_(clock) {}

  void set_up(const std::string& id, bool up) {
    const std::scoped_lock lock(mutex_);
    PeerState& peer = peers_[id];
    if (up) {
      see(peer);
    }
    peer.up = up;
  }
  void set_version(const std::string& id, std::string version) {
    const std::scoped_lock lock(mutex_);
    peers_[id].version = std::move(version);
  }
  void receive(const std::string& id, api::Actual actual) {
    const std::scoped_lock lock(mutex_);
    PeerState& peer = peers_[id];
    see(peer);
    peer.report = NodeReport::Received{std::move(actual), *peer.last_seen, *peer.last_seen_steady};
  }
  void forget(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    peers_.erase(id);
  }
  bool is_up(const std::string& id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = peers_.find(id);
    return found != peers_.end() && found->second.up;
  }
  PeerState of(const std::string& id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = peers_.find(id);
    return found == peers_.end() ? PeerState() : found->second;
  }

 private:
  void see(PeerState& peer) const {
    peer.last_seen = clock_.wall_now();
    peer.last_seen_steady = clock_.steady_now();
  }

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, PeerState> peers_;  // by id
};

}  // namespace orama::gateway::cluster
