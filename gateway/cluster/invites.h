// Invitations in the registry: made, listed, revoked (join.md, Token; http-api.md 20). What is
// stored of a token is its id and the hash of its secret. Stateless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::cluster {

struct Invite {
  std::string id;     // base64url
  std::string hash;   // base64 of BLAKE2b-256 of the secret
  std::string state;  // "pending", "redeemed", "joined", "revoked"
  std::string note, created_by;
  std::int64_t created_at_ms = 0, expires_at_ms = 0, changed_at_ms = 0;
  std::string node_key;  // base64, of the host that redeemed it; "" none
  std::string node;      // id of that host's node; "" none

  bool expired(std::int64_t now_ms) const { return state == "pending" && expires_at_ms <= now_ms; }
  // As http-api.md 20 has it: a pending one past its time is "expired".
  std::string state_at(std::int64_t now_ms) const { return expired(now_ms) ? "expired" : state; }
};

// The hash under which a token's secret is stored.
std::string invite_hash(std::string_view secret);

Awaitable<Result<void>> insert_invite(backends::Registry* registry, Invite invite);
// Newest first.
Awaitable<Result<std::vector<Invite>>> list_invites(backends::Registry* registry);
Awaitable<Result<std::optional<Invite>>> find_invite(backends::Registry* registry, std::string id,
                                                     backends::Consistency consistency);
// Only for who knows the secret: absent too when `hash` is another. One weak read, compared in
// constant time.
Awaitable<Result<std::optional<Invite>>> find_known_invite(backends::Registry* registry,
                                                           std::string id, std::string hash);
// Also when it was revoked or had expired before. not_found; conflict when a host has redeemed it.
Awaitable<Result<void>> revoke_invite(backends::Registry* registry, std::string id,
                                      std::int64_t now_ms);

}  // namespace orama::gateway::cluster
