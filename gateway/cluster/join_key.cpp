#include "gateway/cluster/join_key.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/crypto/box.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/log.h"
#include "common/mesh/names.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Registry;
using backends::Statement;
using backends::Value;

Result<std::string> seal_for(const crypto::KeyPair& key, const std::string& node_key) {
  TRY(identity, mesh::parse_node_key(node_key));
  TRY(recipient, crypto::x25519_of_identity(identity));
  TRY(sealed, crypto::seal_to(recipient, key.private_key.reveal()));
  return crypto::to_base64(sealed);
}

// Who has a new copy must look at the registry.
Statement announcement(const SealedJoinKey& key, std::int64_t now_ms) {
  return Statement(
      "INSERT INTO changes (at, kind, id) SELECT ?, 'join_key', '' WHERE EXISTS (SELECT 1 FROM "
      "join_key WHERE public_key = ?)",
      std::vector<Value>{Value(now_ms), Value(key.public_key)});
}

}  // namespace

std::optional<crypto::KeyPair> JoinKey::current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

void JoinKey::follow(const MembershipState& state) {
  std::optional<crypto::KeyPair> next;
  if (!state.join_key) {
    next = parts_.at_genesis;
  } else if (const auto now = current();
             now && crypto::to_base64(now->public_key) == *state.join_key) {
    return;
  } else if (!state.join_key->empty()) {
    next = open_copy(state);
  }
  const std::scoped_lock lock(mutex_);
  current_ = std::move(next);
}

std::optional<crypto::KeyPair> JoinKey::open_copy(const MembershipState& state) const {
  const NodeRow* self = state.find(parts_.own_id);
  if (self == nullptr || self->join_key_copy.empty() || !parts_.identity) {
    return std::nullopt;
  }
  const auto sealed = crypto::from_base64(self->join_key_copy);
  auto opened = sealed.ok() ? crypto::open_sealed(*parts_.identity, *sealed)
                            : Result<std::string>(sealed.error());
  auto pair = opened.ok() ? crypto::x25519_from_private(crypto::Secret(std::move(opened).value()))
                          : Result<crypto::KeyPair>(opened.error());
  if (!pair.ok() || crypto::to_base64(pair->public_key) != *state.join_key) {
    parts_.log.error("this node's copy of the cluster's join key cannot be used",
                     {{"reason", pair.ok() ? "it is of another key" : pair.error().message}});
    return std::nullopt;
  }
  return std::move(pair).value();
}

SealedJoinKey seal_join_key(const crypto::KeyPair& key, const MembershipState& state,
                            const std::string& except, const Log& log) {
  SealedJoinKey out;
  out.public_key = crypto::to_base64(key.public_key);
  for (const NodeRow& node : state.nodes) {
    if (!node.is_member() || node.id == except) {
      continue;
    }
    auto sealed = seal_for(key, node.node_key);
    if (sealed.ok()) {
      out.copies.push_back({node.id, std::move(sealed).value()});
    } else {
      log.error("the cluster's join key cannot be sealed for a member", sealed.error(),
                {{"node", node.id}});
    }
  }
  return out;
}

std::vector<Statement> copy_statements(const SealedJoinKey& key) {
  std::vector<Statement> out;
  out.reserve(key.copies.size());
  for (const SealedJoinKey::Copy& copy : key.copies) {
    out.emplace_back(
        "INSERT INTO join_key_copies (node_id, sealed) SELECT id, ? FROM nodes WHERE id = ? AND "
        "state IN ('redeemed', 'ready', 'leaving') AND EXISTS (SELECT 1 FROM join_key WHERE "
        "public_key = ?) ON CONFLICT (node_id) DO NOTHING",
        std::vector<Value>{Value(copy.sealed), Value(copy.node_id), Value(key.public_key)});
  }
  return out;
}

std::vector<std::string> without_copy(const MembershipState& state) {
  std::vector<std::string> ids;
  if (state.join_key && !state.join_key->empty()) {
    for (const NodeRow& node : state.nodes) {
      if (node.is_member() && node.join_key_copy.empty()) {
        ids.push_back(node.id);
      }
    }
  }
  return ids;
}

Awaitable<Result<void>> replace_join_key(Registry* registry, SealedJoinKey key,
                                         std::int64_t now_ms) {
  std::vector<Statement> statements;
  statements.emplace_back(
      "UPDATE join_key SET public_key = ?, made_at = ? WHERE one = 1 AND public_key = ''",
      std::vector<Value>{Value(key.public_key), Value(now_ms)});
  for (Statement& statement : copy_statements(key)) {
    statements.push_back(std::move(statement));
  }
  statements.push_back(announcement(key, now_ms));
  CO_TRY_VOID(co_await registry->execute(std::move(statements)));
  co_return Result<void>();
}

Awaitable<Result<void>> add_copies(Registry* registry, SealedJoinKey key, std::int64_t now_ms) {
  std::vector<Statement> statements = copy_statements(key);
  statements.push_back(announcement(key, now_ms));
  CO_TRY_VOID(co_await registry->execute(std::move(statements)));
  co_return Result<void>();
}

}  // namespace orama::gateway::cluster
