#include "gateway/cluster/node_changes.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/api/shared_secrets.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/voters.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::Registry;
using backends::Statement;
using backends::Value;

constexpr const char* kIsMember =
    "EXISTS (SELECT 1 FROM nodes WHERE id = ? AND state IN ('redeemed', 'ready', 'leaving'))";

// The old one opens nothing from here on. Before the copies of the new one are written.
std::vector<Statement> key_replacement(const std::string& node_id, const std::string& public_key,
                                       std::int64_t now_ms) {
  std::vector<Statement> out;
  out.emplace_back(std::string("INSERT INTO join_key (one, public_key, made_at) SELECT 1, ?, ? "
                               "WHERE ") +
                       kIsMember +
                       " ON CONFLICT (one) DO UPDATE SET public_key = excluded.public_key, made_at "
                       "= excluded.made_at",
                   std::vector<Value>{Value(public_key), Value(now_ms), Value(node_id)});
  out.emplace_back(std::string("DELETE FROM join_key_copies WHERE ") + kIsMember,
                   std::vector<Value>(1, Value(node_id)));
  return out;
}

Statement mark(std::string_view name, const std::string& node_id, std::int64_t now_ms) {
  return Statement(
      std::string("INSERT INTO secret_rotations (name, marked_at, node_id) SELECT ?, ?, ? WHERE ") +
          kIsMember +
          " ON CONFLICT (name) DO UPDATE SET marked_at = excluded.marked_at, node_id = "
          "excluded.node_id",
      std::vector<Value>{Value(std::string(name)), Value(now_ms), Value(node_id), Value(node_id)});
}

}  // namespace

std::vector<Statement> announcement(const std::string& node_id, std::int64_t now_ms) {
  std::vector<Statement> out;
  out.emplace_back(
      std::string("INSERT INTO changes (at, kind, id) SELECT ?, 'node', ? WHERE ") + kIsMember,
      std::vector<Value>{Value(now_ms), Value(node_id), Value(node_id)});
  out.emplace_back(
      std::string("UPDATE membership_version SET version = version + 1 WHERE ") + kIsMember,
      std::vector<Value>(1, Value(node_id)));
  return out;
}

Error no_member(const std::string& node_id) {
  return make_error(Errc::not_found, "no member of this cluster has the id " + node_id,
                    "orama node list");
}

Awaitable<Result<void>> remove_node(Registry* registry, std::string node_id, SealedJoinKey new_key,
                                    std::int64_t now_ms) {
  std::vector<Statement> statements = announcement(node_id, now_ms);
  statements.emplace_back(
      std::string(
          "UPDATE invites SET state = 'revoked', changed_at = ? WHERE state = 'pending' AND ") +
          kIsMember,
      std::vector<Value>{Value(now_ms), Value(node_id)});
  for (Statement& statement : key_replacement(node_id, new_key.public_key, now_ms)) {
    statements.push_back(std::move(statement));
  }
  for (const std::string_view name : api::kMarkedSecrets) {
    statements.push_back(mark(name, node_id, now_ms));
  }
  const std::size_t removal = statements.size();
  statements.emplace_back(
      "UPDATE nodes SET state = 'removed', changed_at = ? WHERE id = ? AND state IN ('redeemed', "
      "'ready', 'leaving')",
      std::vector<Value>{Value(now_ms), Value(node_id)});
  for (Statement& statement : copy_statements(new_key)) {
    statements.push_back(std::move(statement));
  }
  for (Statement& statement : choose_voters()) {
    statements.push_back(std::move(statement));
  }
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  if (written[removal] == 1) {
    co_return Result<void>();
  }
  Statement look("SELECT state FROM nodes WHERE id = ?", std::vector<Value>(1, Value(node_id)));
  CO_TRY(rows, co_await registry->query(std::move(look), Consistency::linearizable));
  const auto* state =
      rows.rows.empty() ? nullptr : std::get_if<std::string>(&rows.rows.front().front());
  co_return state != nullptr && *state == "removed" ? Result<void>()
                                                    : Result<void>(no_member(node_id));
}

Awaitable<Result<void>> begin_leaving(Registry* registry, std::string node_id,
                                      std::int64_t now_ms) {
  constexpr const char* kIsReady = "EXISTS (SELECT 1 FROM nodes WHERE id = ? AND state = 'ready')";
  std::vector<Statement> statements;
  statements.emplace_back(
      std::string("INSERT INTO changes (at, kind, id) SELECT ?, 'node', ? WHERE ") + kIsReady,
      std::vector<Value>{Value(now_ms), Value(node_id), Value(node_id)});
  statements.emplace_back(
      std::string("UPDATE membership_version SET version = version + 1 WHERE ") + kIsReady,
      std::vector<Value>(1, Value(node_id)));
  statements.emplace_back(
      "UPDATE nodes SET state = 'leaving', changed_at = ? WHERE id = ? AND state = 'ready'",
      std::vector<Value>{Value(now_ms), Value(node_id)});
  for (Statement& statement : choose_voters()) {
    statements.push_back(std::move(statement));
  }
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  if (written[2] == 1) {
    co_return Result<void>();
  }
  Statement look("SELECT state FROM nodes WHERE id = ?", std::vector<Value>(1, Value(node_id)));
  CO_TRY(rows, co_await registry->query(std::move(look), Consistency::linearizable));
  const std::string state =
      rows.rows.empty() ? std::string() : backends::text_of(rows.rows.front().front());
  co_return state == "leaving" || state == "removed" ? Result<void>()
                                                     : Result<void>(no_member(node_id));
}

}  // namespace orama::gateway::cluster
