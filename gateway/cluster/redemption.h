// A host becomes a node: redeeming an invitation, confirming, releasing (join.md, Redemption). Each
// is one conditional transaction, so of racing calls through any number of gateways one wins, and a
// repeated call finds what it did. Stateless; times are Unix milliseconds of the gateway's clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/api_error.h"

namespace orama::gateway::cluster {

// For how long a removed node's address is given to nobody, and a released one's to its holder
// only.
inline constexpr std::chrono::hours kAddressKept{24};

struct Redemption {
  std::string invite;       // base64url
  std::string secret_hash;  // base64
  std::string node_id;      // of the node that would be made
  std::string node_key, wg_public_key;
  std::string name;
  std::vector<std::string> endpoints, roles;
  mesh::Cidr mesh_cidr;
  std::string mark;  // 16 random bytes of this call, base64
  std::int64_t now_ms = 0;
};

// Why not: a row of the table in join.md, Errors.
struct JoinRefused {
  http::ApiCode code = http::ApiCode::join_malformed;
  std::string message, hint;
};

struct Redeemed {
  std::string node_id, name, mesh_ip;
  bool now = false;  // by this call; false: the same host had done it before
};

// An error: the registry could not be asked (unreachable, quorum_refused: nothing was applied;
// timeout: unknown, the same call again finds out).
Awaitable<Result<std::variant<Redeemed, JoinRefused>>> redeem(backends::Registry* registry,
                                                              Redemption redemption);

// By whom: the node's own key, as the link proved it.
struct NodeClaim {
  std::string node_id, node_key;
  std::int64_t now_ms = 0;
};

// redeemed → ready, its invitation joined, and as many voters as the cluster then wants. Again: ok.
// not_found: no such node with that key; conflict: released or removed meanwhile.
Awaitable<Result<void>> confirm_node(backends::Registry* registry, NodeClaim claim);

// redeemed → released, its invitation pending again. Again: ok. conflict when it is ready by now.
Awaitable<Result<void>> release_node(backends::Registry* registry, NodeClaim claim);

}  // namespace orama::gateway::cluster
