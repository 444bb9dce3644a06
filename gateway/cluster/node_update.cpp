#include "gateway/cluster/node_update.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership_rows.h"
#include "gateway/cluster/node_changes.h"
#include "gateway/cluster/voters.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::Registry;
using backends::Statement;
using backends::Value;

bool is_empty(const NodeUpdate& update) {
  return !update.name && !update.endpoints && !update.roles && !update.voter && !update.ipfs_peer &&
         !update.ipfs_cluster_peer;
}

// `wanted` is dropped when it stands there already.
Result<void> drop_known(std::optional<std::string>& wanted, const Value& present,
                        const std::string& node_id, const std::string& engine) {
  const std::string known = backends::text_of(present);
  if (!wanted || known.empty()) {
    return {};
  }
  if (known != *wanted) {
    return make_error(Errc::conflict,
                      "node " + node_id + " has told the " + engine + " peer id " + known +
                          " before, and keeps it",
                      "a host with other keys joins as another node");
  }
  wanted.reset();
  return {};
}

// The same again must cost no Raft entry: a node tells its peer ids at every start.
Awaitable<Result<NodeUpdate>> without_known_peers(Registry* registry, std::string node_id,
                                                  NodeUpdate update) {
  Statement look(
      "SELECT ipfs_peer, ipfs_cluster_peer FROM nodes WHERE id = ? AND state IN ('redeemed', "
      "'ready', 'leaving')",
      std::vector<Value>(1, Value(node_id)));
  CO_TRY(found, co_await registry->query(std::move(look), Consistency::linearizable));
  if (found.rows.empty()) {
    co_return no_member(node_id);
  }
  const std::vector<Value>& row = found.rows.front();
  CO_TRY_VOID(drop_known(update.ipfs_peer, row[0], node_id, "IPFS"));
  CO_TRY_VOID(drop_known(update.ipfs_cluster_peer, row[1], node_id, "IPFS Cluster"));
  co_return update;
}

Statement row_update(const std::string& node_id, const NodeUpdate& update, std::int64_t now_ms) {
  std::string sets = "changed_at = ?";
  std::vector<Value> values = {Value(now_ms)};
  const auto set = [&](const char* what, Value value) {
    sets += what;
    values.push_back(std::move(value));
  };
  if (update.name) {
    set(", name = ?", Value(*update.name));
  }
  if (update.endpoints) {
    set(", endpoints = ?", Value(texts_column(*update.endpoints)));
  }
  if (update.roles) {
    set(", roles = ?", Value(texts_column(*update.roles)));
  }
  if (update.voter) {
    set(", voter_policy = ?", *update.voter == "auto" ? Value(nullptr) : Value(*update.voter));
  }
  if (update.ipfs_peer) {
    set(", ipfs_peer = coalesce(ipfs_peer, ?)", Value(*update.ipfs_peer));
  }
  if (update.ipfs_cluster_peer) {
    set(", ipfs_cluster_peer = coalesce(ipfs_cluster_peer, ?)", Value(*update.ipfs_cluster_peer));
  }
  values.emplace_back(node_id);
  return Statement(
      "UPDATE nodes SET " + sets + " WHERE id = ? AND state IN ('redeemed', 'ready', 'leaving')",
      std::move(values));
}

// What the engine says of a constraint, in an operator's words.
Error taken(const Error& error, const NodeUpdate& update) {
  const auto breaks = [&error](const char* column) {
    return error.message.find(column) != std::string::npos;
  };
  if (update.ipfs_peer && breaks("nodes.ipfs_peer")) {
    return make_error(Errc::conflict,
                      "the IPFS peer id " + *update.ipfs_peer + " is another node's already",
                      "orama node list --all");
  }
  if (update.ipfs_cluster_peer && breaks("nodes.ipfs_cluster_peer")) {
    return make_error(
        Errc::conflict,
        "the IPFS Cluster peer id " + *update.ipfs_cluster_peer + " is another node's already",
        "orama node list --all");
  }
  return update.name ? make_error(Errc::conflict, "a node is named " + *update.name + " already",
                                  "orama node list")
                     : error;
}

}  // namespace

Awaitable<Result<bool>> update_node(Registry* registry, std::string node_id, NodeUpdate update,
                                    std::int64_t now_ms) {
  CO_TRY(fresh, co_await without_known_peers(registry, node_id, std::move(update)));
  if (is_empty(fresh)) {
    co_return false;
  }
  std::vector<Statement> statements = announcement(node_id, now_ms);
  statements.push_back(row_update(node_id, fresh, now_ms));
  if (fresh.voter) {
    for (Statement& statement : choose_voters()) {
      statements.push_back(std::move(statement));
    }
  }
  auto written = co_await registry->execute(std::move(statements));
  if (!written.ok()) {
    co_return written.error().code == Errc::conflict ? taken(written.error(), fresh)
                                                     : std::move(written).error();
  }
  if ((*written)[2] != 1) {
    co_return no_member(node_id);
  }
  co_return true;
}

Awaitable<Result<bool>> move_endpoints(Registry* registry, std::string node_id,
                                       std::vector<std::string> before,
                                       std::vector<std::string> after, std::int64_t now_ms) {
  const std::string old_column = texts_column(before);
  constexpr const char* kStands =
      "EXISTS (SELECT 1 FROM nodes WHERE id = ? AND state = 'ready' AND endpoints = ?)";
  std::vector<Statement> statements;
  statements.emplace_back(
      std::string("INSERT INTO changes (at, kind, id) SELECT ?, 'node', ? WHERE ") + kStands,
      std::vector<Value>{Value(now_ms), Value(node_id), Value(node_id), Value(old_column)});
  statements.emplace_back(
      std::string("UPDATE membership_version SET version = version + 1 WHERE ") + kStands,
      std::vector<Value>{Value(node_id), Value(old_column)});
  statements.emplace_back(
      "UPDATE nodes SET endpoints = ?, changed_at = ? WHERE id = ? AND state = 'ready' AND "
      "endpoints = ?",
      std::vector<Value>{Value(texts_column(after)), Value(now_ms), Value(node_id),
                         Value(old_column)});
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  co_return written[2] == 1;
}

}  // namespace orama::gateway::cluster
