// Answers of adminStatus and adminNodeList (http-api.md 20) and the checks of the health routes
// (9.1): made by the gateway, shown by `orama status`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/result.h"

namespace orama::api {

struct Check {
  std::string status = "down";  // "up", "down", "disabled"
  std::string engine;
  bool counted = true;
  std::optional<double> latency_ms;
  std::string checked_at;             // time
  std::optional<std::string> reason;  // "refused", "timeout", "error", "not_ready"
  // adminStatus only: since when it has this status, as the probes saw it, and of what is down what
  // the last look met.
  std::string since, trouble;

  nlohmann::json to_json() const;
  static Result<Check> from_json(const nlohmann::json& json);
};
using Checks = std::map<std::string, Check>;

nlohmann::json checks_to_json(const Checks& checks);  // as 9.1 has it

struct Node {
  std::string id, name, mesh_ip, wg_public_key;
  std::vector<std::string> endpoints, roles;
  std::string state;  // "redeemed", "ready", "leaving", "removed", "released"
  bool voter = false, leader = false, up = false;
  std::string version;                       // "" unknown
  std::string joined_at;                     // time
  std::optional<std::string> last_seen;      // time
  std::string ipfs_peer, ipfs_cluster_peer;  // libp2p peer ids; "" not told yet
  std::optional<Actual> actual;

  nlohmann::json to_json() const;
  static Result<Node> from_json(const nlohmann::json& json);
};

struct AdminStatus {
  struct Self {
    std::string id, name, mesh_ip;
  };
  struct Registry {
    std::string leader_id;  // "" without one
    std::int64_t voters = 0, voters_up = 0;
    bool quorum = false;
    std::int64_t tolerates = 0;  // voters that may fail with quorum kept
    std::int64_t applied_index = 0;
    double staleness_seconds = 0;
    std::vector<std::string> silent;  // ids of voters that this node's engine does not reach
  };

  // A shared secret that a removed node had and that is to be rotated.
  struct Rotate {
    std::string name, node;  // the node's name
    std::string since;       // time
  };

  std::optional<ClusterInfo> cluster;  // null: the registry holds none, or was never read
  Self node;
  Registry registry;
  std::int64_t nodes_total = 0, nodes_up = 0;
  Checks checks;
  std::vector<Rotate> rotate;
  std::vector<std::string> missing;  // sentences: what keeps this node from being whole
  std::string version, started_at, uptime;

  nlohmann::json to_json() const;
  static Result<AdminStatus> from_json(const nlohmann::json& json);
};

}  // namespace orama::api
