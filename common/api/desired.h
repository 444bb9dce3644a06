// What the gateway wants one node to be, and what the agent says it is (http-api.md 20,
// architecture.md 13). from_json checks shapes and sizes only; the agent judges Desired as hostile
// by its own rules on top.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::api {

inline constexpr std::size_t kMaxPeers = 1024;  // more than a /22 holds

struct Desired {
  struct Self {
    std::string id, name, mesh_ip;
    bool voter = false;
    std::string state;  // as Node.state
  };
  struct Peer {
    std::string id, name, mesh_ip, wg_public_key;
    std::vector<std::string> endpoints;
  };
  struct Removed {
    std::string id, wg_public_key;
  };
  struct Seal {
    std::string id, node_key;
    std::vector<std::string> roles;
  };

  std::int64_t version = 0;
  bool stale = false;
  std::string mesh_cidr;
  Self self;
  std::vector<Peer> peers;
  std::vector<Removed> removed;
  std::vector<Seal> seal;
  std::vector<std::string>
      rqlite_join;  // engines.rqlite.join: Raft addresses of peers, "10.0.0.2:7001"
  // engines.ipfs.peers, engines.ipfs_cluster.peers: libp2p peer ids by node id, of those of `peers`
  // that have told theirs. A copy that an older release saved holds neither.
  std::map<std::string, std::string> ipfs_peers, ipfs_cluster_peers;

  nlohmann::json to_json() const;
  static Result<Desired> from_json(const nlohmann::json& json);
};

struct Actual {
  struct Peer {
    std::string id;
    std::optional<std::string> last_handshake;  // time
    std::int64_t rx = 0, tx = 0;
    std::string endpoint;  // "" unknown
  };
  struct Unit {
    std::string name, active;          // systemd's ActiveState: "active", "failed", …
    std::optional<std::string> since;  // time
    bool restart_pending = false;
  };

  std::int64_t version = 0;  // of the desired state that was applied
  std::vector<Peer> peers;
  std::vector<Unit> units;
  std::int64_t disk_free = 0, disk_total = 0;
  std::string package_orama, package_components;  // "" not installed as a package
  std::string time;                               // of the node's own clock

  nlohmann::json to_json() const;
  static Result<Actual> from_json(const nlohmann::json& json);
};

}  // namespace orama::api
