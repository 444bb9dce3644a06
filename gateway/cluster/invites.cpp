#include "gateway/cluster/invites.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::integer_of;
using backends::Registry;
using backends::Rows;
using backends::Statement;
using backends::text_of;
using backends::Value;

constexpr std::string_view kSelect =
    "SELECT i.id, i.hash, i.state, i.note, i.created_by, i.created_at, i.expires_at, i.changed_at, "
    "i.node_key, n.id FROM invites AS i LEFT JOIN nodes AS n ON n.invite = i.id AND n.node_key = "
    "i.node_key ";

enum Column : std::size_t {
  kId,
  kHash,
  kState,
  kNote,
  kCreatedBy,
  kCreatedAt,
  kExpiresAt,
  kChangedAt,
  kNodeKey,
  kNode,
  kColumns
};

Result<std::vector<Invite>> read_invites(const Rows& rows) {
  if (!rows.rows.empty() && rows.columns.size() != kColumns) {
    return make_error(Errc::failed, "the registry's invitations have another shape than asked for");
  }
  std::vector<Invite> invites;
  invites.reserve(rows.rows.size());
  for (const auto& row : rows.rows) {
    Invite invite;
    invite.id = text_of(row[kId]);
    invite.hash = text_of(row[kHash]);
    invite.state = text_of(row[kState]);
    invite.note = text_of(row[kNote]);
    invite.created_by = text_of(row[kCreatedBy]);
    invite.created_at_ms = integer_of(row[kCreatedAt]);
    invite.expires_at_ms = integer_of(row[kExpiresAt]);
    invite.changed_at_ms = integer_of(row[kChangedAt]);
    invite.node_key = text_of(row[kNodeKey]);
    invite.node = text_of(row[kNode]);
    invites.push_back(std::move(invite));
  }
  return invites;
}

}  // namespace

std::string invite_hash(std::string_view secret) {
  return crypto::to_base64(crypto::blake2b_256(secret));
}

Awaitable<Result<void>> insert_invite(Registry* registry, Invite invite) {
  std::vector<Statement> statements;
  statements.emplace_back(
      "INSERT INTO invites (id, hash, state, note, created_by, created_at, expires_at, changed_at) "
      "VALUES (?, ?, 'pending', ?, ?, ?, ?, ?)",
      std::vector<Value>{Value(invite.id), Value(invite.hash), Value(invite.note),
                         Value(invite.created_by), Value(invite.created_at_ms),
                         Value(invite.expires_at_ms), Value(invite.created_at_ms)});
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  static_cast<void>(written);  // one row, or a conflict
  co_return Result<void>();
}

Awaitable<Result<std::vector<Invite>>> list_invites(Registry* registry) {
  Statement statement(std::string(kSelect) + "ORDER BY i.created_at DESC, i.id");
  CO_TRY(rows, co_await registry->query(std::move(statement), Consistency::weak));
  co_return read_invites(rows);
}

Awaitable<Result<std::optional<Invite>>> find_invite(Registry* registry, std::string id,
                                                     Consistency consistency) {
  Statement statement(std::string(kSelect) + "WHERE i.id = ?",
                      std::vector<Value>(1, Value(std::move(id))));
  CO_TRY(rows, co_await registry->query(std::move(statement), consistency));
  CO_TRY(invites, read_invites(rows));
  if (invites.empty()) {
    co_return std::optional<Invite>();
  }
  co_return std::optional<Invite>(std::move(invites.front()));
}

Awaitable<Result<std::optional<Invite>>> find_known_invite(Registry* registry, std::string id,
                                                           std::string hash) {
  CO_TRY(found, co_await find_invite(registry, std::move(id), Consistency::weak));
  if (found && !crypto::constant_time_equal(found->hash, hash)) {
    found.reset();
  }
  co_return std::move(found);
}

Awaitable<Result<void>> revoke_invite(Registry* registry, std::string id, std::int64_t now_ms) {
  std::vector<Statement> statements;
  statements.emplace_back(
      "UPDATE invites SET state = 'revoked', changed_at = ? WHERE id = ? AND state = 'pending'",
      std::vector<Value>{Value(now_ms), Value(id)});
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  if (written.front() == 1) {
    co_return Result<void>();
  }
  CO_TRY(found, co_await find_invite(registry, id, Consistency::linearizable));
  if (!found) {
    co_return make_error(Errc::not_found, "there is no invitation " + id);
  }
  if (found->state == "revoked") {
    co_return Result<void>();
  }
  co_return make_error(Errc::conflict,
                       "the invitation " + id + " is " + found->state +
                           (found->node.empty() ? std::string() : " by " + found->node) +
                           " and cannot be revoked",
                       "`orama node remove` takes a node out of the cluster");
}

}  // namespace orama::gateway::cluster
