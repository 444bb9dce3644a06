// The second half of redemption.h: a redeemed node becomes ready, or is released. Every statement
// of a transaction looks at the state before it; the last one moves it.
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/voters.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::Registry;
using backends::Statement;
using backends::Value;

constexpr const char* kIsRedeemed =
    "EXISTS (SELECT 1 FROM nodes WHERE id = ? AND node_key = ? AND state = 'redeemed')";

// Change list, version and the invitation, all while the node is still `redeemed`.
std::vector<Statement> leaving_redeemed(const NodeClaim& claim, const char* invite_update) {
  const Value id(claim.node_id), key(claim.node_key), now(claim.now_ms);
  std::vector<Statement> out;
  out.emplace_back(
      std::string("INSERT INTO changes (at, kind, id) SELECT ?, 'node', ? WHERE ") + kIsRedeemed,
      std::vector<Value>{now, id, id, key});
  out.emplace_back(
      std::string("UPDATE membership_version SET version = version + 1 WHERE ") + kIsRedeemed,
      std::vector<Value>{id, key});
  out.emplace_back(
      std::string("UPDATE invites SET ") + invite_update +
          ", changed_at = ? WHERE state = 'redeemed' AND id = (SELECT invite FROM nodes "
          "WHERE id = ? AND node_key = ? AND state = 'redeemed')",
      std::vector<Value>{now, id, key});
  return out;
}

Awaitable<Result<std::string>> state_of(Registry* registry, NodeClaim claim) {
  Statement statement("SELECT state FROM nodes WHERE id = ? AND node_key = ?",
                      {Value(claim.node_id), Value(claim.node_key)});
  CO_TRY(rows, co_await registry->query(std::move(statement), Consistency::linearizable));
  if (rows.rows.empty()) {
    co_return make_error(Errc::not_found, "the registry has no node " + claim.node_id +
                                              " with the key that this link proved");
  }
  const auto* state = std::get_if<std::string>(&rows.rows.front().front());
  co_return state == nullptr ? std::string() : *state;
}

}  // namespace

Awaitable<Result<void>> confirm_node(Registry* registry, NodeClaim claim) {
  std::vector<Statement> statements = leaving_redeemed(claim, "state = 'joined'");
  statements.emplace_back(
      "UPDATE nodes SET state = 'ready', joined_at = ?, changed_at = ? WHERE id = ? AND node_key = "
      "? "
      "AND state = 'redeemed'",
      std::vector<Value>{Value(claim.now_ms), Value(claim.now_ms), Value(claim.node_id),
                         Value(claim.node_key)});
  for (Statement& statement : choose_voters()) {
    statements.push_back(std::move(statement));
  }
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  if (written[3] == 1) {
    co_return Result<void>();
  }
  CO_TRY(state, co_await state_of(registry, claim));
  if (state == "ready" || state == "leaving") {
    co_return Result<void>();
  }
  co_return make_error(
      Errc::conflict,
      "the node " + claim.node_id + " is " + state + ": its time to confirm is over",
      "type the same `orama install --join` command again");
}

Awaitable<Result<void>> release_node(Registry* registry, NodeClaim claim) {
  std::vector<Statement> statements =
      leaving_redeemed(claim, "state = 'pending', node_key = NULL, redemption = NULL");
  statements.emplace_back(
      "UPDATE nodes SET state = 'released', changed_at = ? WHERE id = ? AND node_key = ? AND state "
      "= "
      "'redeemed'",
      std::vector<Value>{Value(claim.now_ms), Value(claim.node_id), Value(claim.node_key)});
  CO_TRY(written, co_await registry->execute(std::move(statements)));
  if (written[3] == 1) {
    co_return Result<void>();
  }
  CO_TRY(state, co_await state_of(registry, claim));
  if (state == "released" || state == "removed") {
    co_return Result<void>();
  }
  co_return make_error(
      Errc::conflict,
      "the node " + claim.node_id + " is " + state + ", a member that is not released but removed",
      "orama node remove " + claim.node_id);
}

}  // namespace orama::gateway::cluster
