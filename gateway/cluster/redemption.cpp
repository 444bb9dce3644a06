#include "gateway/cluster/redemption.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/invites.h"
#include "gateway/cluster/membership_rows.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::Registry;
using backends::Statement;
using backends::text_of;
using backends::Value;
using http::ApiCode;
using Outcome = std::variant<Redeemed, JoinRefused>;

constexpr std::string_view kWon = "EXISTS (SELECT 1 FROM invites WHERE id = ? AND redemption = ?)";

// The lowest address of the range that no member holds and nobody may still come back to. Bound:
// first and last host as numbers, the caller's node_key, the time before which a row keeps nothing.
constexpr std::string_view kLowestFree =
    "(WITH RECURSIVE hosts (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM hosts WHERE n < ?), "
    "kept (ip) AS (SELECT mesh_ip FROM nodes WHERE state IN ('redeemed', 'ready', 'leaving') OR "
    "(node_key <> ? AND changed_at > ?)) "
    "SELECT format('%d.%d.%d.%d', min(n) >> 24, (min(n) >> 16) & 255, (min(n) >> 8) & 255, min(n) "
    "& "
    "255) FROM hosts WHERE format('%d.%d.%d.%d', n >> 24, (n >> 16) & 255, (n >> 8) & 255, n & "
    "255) "
    "NOT IN (SELECT ip FROM kept) HAVING min(n) IS NOT NULL)";

std::int64_t kept_since(std::int64_t now_ms) {
  return now_ms - std::chrono::milliseconds(kAddressKept).count();
}

void append(std::vector<Value>& values, std::vector<Value> more) {
  for (Value& value : more) {
    values.push_back(std::move(value));
  }
}

std::vector<Value> lowest_free_values(const Redemption& r) {
  const std::int64_t first = r.mesh_cidr.host(1).v4();
  const std::int64_t last = r.mesh_cidr.host(r.mesh_cidr.host_count()).v4();
  return {Value(first), Value(last), Value(r.node_key), Value(kept_since(r.now_ms))};
}

Statement take_invite(const Redemption& r) {
  return Statement(
      "UPDATE invites SET state = 'redeemed', node_key = ?, redemption = ?, changed_at = ? WHERE "
      "id "
      "= ? AND hash = ? AND state = 'pending' AND expires_at > ?",
      {Value(r.node_key), Value(r.mark), Value(r.now_ms), Value(r.invite), Value(r.secret_hash),
       Value(r.now_ms)});
}

// A host whose earlier redemption was released comes back as the same node, at the same address
// while that is kept for it.
Statement revive_node(const Redemption& r) {
  std::vector<Value> values = {Value(r.invite), Value(r.name), Value(texts_column(r.endpoints)),
                               Value(texts_column(r.roles)), Value(kept_since(r.now_ms))};
  append(values, lowest_free_values(r));
  append(values, {Value(r.now_ms), Value(r.node_key), Value(r.wg_public_key), Value(r.invite),
                  Value(r.mark)});
  return Statement(
      "UPDATE nodes SET state = 'redeemed', invite = ?, name = ?, endpoints = ?, roles "
      "= ?, mesh_ip = CASE WHEN changed_at > ? THEN mesh_ip ELSE " +
          std::string(kLowestFree) +
          " END, changed_at = ? WHERE node_key = ? AND wg_public_key = ? AND state = "
          "'released' AND " +
          std::string(kWon),
      std::move(values));
}

Statement insert_node(const Redemption& r) {
  std::vector<Value> values = {Value(r.node_id), Value(r.name)};
  append(values, lowest_free_values(r));
  append(values, {Value(r.wg_public_key), Value(r.node_key), Value(texts_column(r.endpoints)),
                  Value(texts_column(r.roles)), Value(r.invite), Value(r.now_ms), Value(r.invite),
                  Value(r.mark), Value(r.node_key), Value(r.invite)});
  return Statement(
      "INSERT INTO nodes (id, name, mesh_ip, wg_public_key, node_key, endpoints, roles, state, "
      "voter, invite, changed_at) SELECT ?, ?, " +
          std::string(kLowestFree) + ", ?, ?, ?, ?, 'redeemed', 0, ?, ? WHERE " +
          std::string(kWon) +
          " AND NOT EXISTS (SELECT 1 FROM nodes WHERE node_key = ? AND invite = ? AND state = "
          "'redeemed')",
      std::move(values));
}

std::vector<Statement> redeeming_statements(const Redemption& r) {
  std::vector<Statement> out;
  out.push_back(take_invite(r));
  out.push_back(revive_node(r));
  out.push_back(insert_node(r));
  out.emplace_back(
      "INSERT INTO changes (at, kind, id) SELECT ?, 'node', id FROM nodes WHERE "
      "node_key = ? AND " +
          std::string(kWon),
      std::vector<Value>{Value(r.now_ms), Value(r.node_key), Value(r.invite), Value(r.mark)});
  out.emplace_back("UPDATE membership_version SET version = version + 1 WHERE " + std::string(kWon),
                   std::vector<Value>{Value(r.invite), Value(r.mark)});
  return out;
}

struct Holder {
  std::string id, name, mesh_ip, state, invite;
};

// The node under this key.
Awaitable<Result<std::optional<Holder>>> find_holder(Registry* registry, std::string node_key,
                                                     Consistency consistency) {
  Statement statement("SELECT id, name, mesh_ip, state, invite FROM nodes WHERE node_key = ?",
                      std::vector<Value>(1, Value(std::move(node_key))));
  CO_TRY(rows, co_await registry->query(std::move(statement), consistency));
  if (rows.rows.empty()) {
    co_return std::optional<Holder>();
  }
  const auto& row = rows.rows.front();
  co_return std::optional<Holder>(
      Holder{text_of(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3]), text_of(row[4])});
}

JoinRefused refused(ApiCode code, std::string message, std::string hint = {}) {
  return JoinRefused{code, std::move(message), std::move(hint)};
}

// A pending invitation that may be redeemed now has no reason against it.
std::optional<JoinRefused> reason_against(const Invite& invite, const Redemption& r) {
  const char* another = "`orama invite` on a node of the cluster makes another one";
  if (invite.state == "revoked") {
    return refused(ApiCode::invite_revoked,
                   "the invitation " + invite.id + " was revoked at " +
                       format_rfc3339(from_unix_ms(invite.changed_at_ms)),
                   another);
  }
  if (invite.expired(r.now_ms)) {
    return refused(ApiCode::invite_expired,
                   "the invitation " + invite.id + " expired at " +
                       format_rfc3339(from_unix_ms(invite.expires_at_ms)) + "; here it is " +
                       format_rfc3339(from_unix_ms(r.now_ms)),
                   another);
  }
  if (invite.state != "pending") {
    return refused(ApiCode::invite_used,
                   "the invitation " + invite.id + " was redeemed" +
                       (invite.node.empty() ? std::string() : " by " + invite.node),
                   another);
  }
  return std::nullopt;
}

// What the engine says of a constraint becomes the table's row: a name, a key, or no address left.
JoinRefused constraint(const std::string& message, const Redemption& r) {
  if (message.find("nodes.mesh_ip") != std::string::npos &&
      message.find("NOT NULL") != std::string::npos) {
    return refused(ApiCode::mesh_full,
                   "no address is free in " + r.mesh_cidr.to_string() +
                       "; those of removed nodes are kept for 24 h",
                   "`orama node remove` nodes that are gone for good, or wait");
  }
  if (message.find("nodes.name") != std::string::npos) {
    return refused(ApiCode::node_exists, "a node is named " + r.name + " already",
                   "give this host another one: --name. Is that node gone for good? On a member: "
                   "sudo orama node remove " +
                       r.name + " --yes, then a new invitation");
  }
  return refused(ApiCode::node_exists,
                 "this host's key belongs to a node already, perhaps a removed one, whose keys are "
                 "refused for good",
                 "`sudo orama uninstall --purge` makes new keys at the next install");
}

Awaitable<Result<Outcome>> outcome_of(Registry* registry, Redemption r) {
  CO_TRY(invite, co_await find_invite(registry, r.invite, Consistency::linearizable));
  if (!invite) {
    co_return Outcome(refused(ApiCode::invite_unknown, "there is no such invitation"));
  }
  if (invite->state == "redeemed" && invite->node_key == r.node_key) {
    CO_TRY(holder, co_await find_holder(registry, r.node_key, Consistency::linearizable));
    if (holder && holder->state == "redeemed" && holder->invite == r.invite) {
      co_return Outcome(Redeemed{holder->id, holder->name, holder->mesh_ip, false});
    }
  }
  if (auto reason = reason_against(*invite, r)) {
    co_return Outcome(std::move(*reason));
  }
  // Pending for all we read, and yet not taken: the writer's clock and this one's disagree by now.
  co_return Outcome(refused(ApiCode::invite_expired, "the invitation expired just now"));
}

}  // namespace

Awaitable<Result<Outcome>> redeem(Registry* registry, Redemption r) {
  // Read first: a guess of an id or a secret must cost no Raft entry.
  CO_TRY(invite, co_await find_known_invite(registry, r.invite, r.secret_hash));
  if (!invite) {
    co_return Outcome(
        refused(ApiCode::invite_unknown, "there is no such invitation, or its secret is another"));
  }
  if (invite->state == "pending" && !invite->expired(r.now_ms)) {
    auto statements = redeeming_statements(r);
    auto written = co_await registry->execute(std::move(statements));
    if (!written.ok()) {
      if (written.error().code == Errc::conflict) {
        co_return Outcome(constraint(written.error().message, r));
      }
      co_return std::move(written).error();
    }
    if (written->front() == 1) {
      CO_TRY(holder, co_await find_holder(registry, r.node_key, Consistency::linearizable));
      if (holder) {
        co_return Outcome(Redeemed{holder->id, holder->name, holder->mesh_ip, true});
      }
    }
  }
  co_return co_await outcome_of(registry, std::move(r));
}

}  // namespace orama::gateway::cluster
