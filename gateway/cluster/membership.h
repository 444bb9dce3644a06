// What the registry says about the cluster, kept in memory: migrates the registry, loads cluster
// and nodes, then follows the list of changes every 250 ms (join.md, Membership). An error means
// "out of touch", never "no change". Runs on one io_context; what it knows is read from any thread.
// Writes nothing but migrations.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/api/cluster.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "common/snapshot.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

struct NodeRow {
  std::string id, name, mesh_ip, wg_public_key, node_key;
  std::vector<std::string> endpoints, roles;
  std::string state;
  bool voter = false;
  std::int64_t joined_at_ms = 0, changed_at_ms = 0;
  std::string ipfs_peer, ipfs_cluster_peer;  // libp2p peer ids; "": not told yet
  std::string join_key_copy;                 // sealed to it, base64; "": it has none

  // Holds its name and address: neither removed nor released.
  bool is_member() const { return state == "ready" || state == "redeemed" || state == "leaving"; }
};

// A shared secret that a removed node had, and that was not rotated since.
struct SecretMark {
  std::string name, node_id;
  std::int64_t marked_at_ms = 0;
};

struct MembershipState {
  std::optional<api::ClusterInfo> cluster;  // absent: none is founded
  std::vector<NodeRow> nodes;               // by id
  std::vector<SecretMark> rotations;        // by name
  // Base64 of the key that joiners seal to. Absent: the one made at genesis. "": a new one must be
  // made.
  std::optional<std::string> join_key;
  std::int64_t version = 0;   // of the membership; 0: none
  std::int64_t last_seq = 0;  // of the list of changes

  const NodeRow* find(const std::string& id) const;  // null: none of that id
};

// Whether what is remembered may be relied on.
struct Touch {
  bool in_touch = false;
  bool migrated = false;  // the schema stands
  SteadyTime last_good;   // the last successful look; the start before the first
  std::string trouble;    // the last error, "" while in touch
};

class Membership {
 public:
  struct Options {
    std::chrono::milliseconds interval{250};
  };
  // `changed` runs on the context after the state was loaded anew and when touch is lost or
  // regained.
  Membership(asio::io_context& context, backends::Registry& registry, const Clock& clock,
             const Log& log, Options options);
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  void start();
  void poke() { pause_.cut(); }  // look now, from any thread
  // After a write: this gateway looks now, and the other members are told to. From any thread.
  void announce();
  void on_announce(std::function<void()> tell_others) { tell_others_ = std::move(tell_others); }

  std::shared_ptr<const MembershipState> state() const { return state_.get(); }
  std::shared_ptr<const Touch> touch() const { return touch_.get(); }
  std::chrono::duration<double> staleness() const;

 private:
  Awaitable<void> run();
  Awaitable<Result<void>> look();
  Awaitable<Result<void>> follow();
  Awaitable<Result<void>> load(backends::Consistency consistency);
  void settle(const Result<void>& outcome);

  asio::io_context& context_;
  backends::Registry& registry_;
  const Clock& clock_;
  Log log_;
  Options options_;
  std::function<void()> changed_, tell_others_;
  backends::Pause pause_;
  bool loaded_ = false;
  Snapshot<MembershipState> state_;
  Snapshot<Touch> touch_;
};

}  // namespace orama::gateway::cluster
