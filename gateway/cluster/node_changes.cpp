#include "gateway/cluster/node_changes.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership_rows.h"
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

// While the node is still a member: whoever follows the list learns of it.
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

}  // namespace

Awaitable<Result<void>> remove_node(Registry* registry, std::string node_id, std::int64_t now_ms) {
  std::vector<Statement> statements = announcement(node_id, now_ms);
  statements.emplace_back(
      std::string(
          "UPDATE invites SET state = 'revoked', changed_at = ? WHERE state = 'pending' AND ") +
          kIsMember,
      std::vector<Value>{Value(now_ms), Value(node_id)});
  statements.emplace_back(
      "UPDATE nodes SET state = 'removed', changed_at = ? WHERE id = ? AND state IN ('redeemed', "
      "'ready', 'leaving')",
      std::vector<Value>{Value(now_ms), Value(node_id)});
  for (Statement& statement : choose_voters()) {
    statements.push_back(std::move(statement));
  }
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  if (written[3] == 1) {
    co_return Result<void>();
  }
  Statement look("SELECT state FROM nodes WHERE id = ?", std::vector<Value>(1, Value(node_id)));
  CO_TRY(rows, co_await registry->query(std::move(look), Consistency::linearizable));
  const auto* state =
      rows.rows.empty() ? nullptr : std::get_if<std::string>(&rows.rows.front().front());
  co_return state != nullptr && *state == "removed" ? Result<void>()
                                                    : Result<void>(no_member(node_id));
}

Awaitable<Result<void>> update_node(Registry* registry, std::string node_id, NodeUpdate update,
                                    std::int64_t now_ms) {
  std::vector<Statement> statements = announcement(node_id, now_ms);
  std::string sets = "changed_at = ?";
  std::vector<Value> values = {Value(now_ms)};
  if (update.name) {
    sets += ", name = ?";
    values.emplace_back(*update.name);
  }
  if (update.endpoints) {
    sets += ", endpoints = ?";
    values.emplace_back(texts_column(*update.endpoints));
  }
  if (update.voter) {
    sets += ", voter_policy = ?";
    values.push_back(*update.voter == "auto" ? Value(nullptr) : Value(*update.voter));
  }
  values.emplace_back(node_id);
  statements.emplace_back(
      "UPDATE nodes SET " + sets + " WHERE id = ? AND state IN ('redeemed', 'ready', 'leaving')",
      std::move(values));
  if (update.voter) {
    for (Statement& statement : choose_voters()) {
      statements.push_back(std::move(statement));
    }
  }
  auto written = co_await registry->execute(std::move(statements));
  if (!written.ok()) {
    if (written.error().code == Errc::conflict && update.name) {
      co_return make_error(Errc::conflict, "a node is named " + *update.name + " already",
                           "orama node list");
    }
    co_return std::move(written).error();
  }
  co_return (*written)[2] == 1 ? Result<void>() : Result<void>(no_member(node_id));
}

}  // namespace orama::gateway::cluster
