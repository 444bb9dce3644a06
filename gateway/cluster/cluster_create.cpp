#include "gateway/cluster/cluster_create.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/clock.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/membership_rows.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::Registry;
using backends::Statement;
using backends::Value;

// The later statements depend on the first one's row: where nodes stand without a cluster, the
// first inserts nothing and so do they.
std::vector<Statement> founding_statements(const api::ClusterCreate& request, std::int64_t now_ms) {
  const Value now(now_ms);
  std::vector<Statement> out;
  out.emplace_back(
      "INSERT INTO cluster (one, id, name, base_domain, mesh_cidr, generation, created_at) "
      "SELECT 1, ?, ?, ?, ?, 1, ? WHERE NOT EXISTS (SELECT 1 FROM nodes)",
      std::vector<Value>{Value(request.id), Value(request.name), Value(request.base_domain),
                         Value(request.mesh_cidr.to_string()), now});
  const api::GenesisNode& node = request.node;
  out.emplace_back(
      "INSERT INTO nodes (id, name, mesh_ip, wg_public_key, node_key, endpoints, roles, state, "
      "voter, joined_at, changed_at) SELECT ?, ?, ?, ?, ?, ?, ?, 'ready', 1, ?, ? "
      "WHERE EXISTS (SELECT 1 FROM cluster WHERE id = ?)",
      std::vector<Value>{Value(node.id), Value(node.name), Value(node.mesh_ip.to_string()),
                         Value(node.wg_public_key), Value(node.node_key),
                         Value(texts_column(node.endpoints)), Value(texts_column(node.roles)), now,
                         now, Value(request.id)});
  for (const auto& [kind, id] : {std::pair("cluster", request.id), std::pair("node", node.id)}) {
    out.emplace_back(
        "INSERT INTO changes (at, kind, id) SELECT ?, ?, ? "
        "WHERE EXISTS (SELECT 1 FROM cluster WHERE id = ?)",
        std::vector<Value>{now, Value(std::string(kind)), Value(id), Value(request.id)});
  }
  out.emplace_back(
      "UPDATE membership_version SET version = version + 1 "
      "WHERE EXISTS (SELECT 1 FROM cluster WHERE id = ?)",
      std::vector<Value>{Value(request.id)});
  return out;
}

bool is_same(const MembershipState& state, const api::ClusterCreate& request) {
  if (!state.cluster || state.nodes.size() != 1) {
    return false;
  }
  const api::ClusterInfo& cluster = *state.cluster;
  const NodeRow& row = state.nodes.front();
  const api::GenesisNode& node = request.node;
  return cluster.id == request.id && cluster.name == request.name &&
         cluster.base_domain == request.base_domain && cluster.mesh_cidr == request.mesh_cidr &&
         row.id == node.id && row.name == node.name && row.mesh_ip == node.mesh_ip.to_string() &&
         row.wg_public_key == node.wg_public_key && row.node_key == node.node_key &&
         row.endpoints == node.endpoints && row.roles == node.roles;
}

Error taken(const MembershipState& state) {
  if (!state.cluster) {
    return make_error(Errc::conflict, "the registry holds nodes, but no cluster of this gateway");
  }
  return make_error(Errc::conflict, "the registry holds the cluster " + state.cluster->id + " (" +
                                        state.cluster->name + ") already");
}

}  // namespace

Awaitable<Result<Founding>> create_cluster(Registry* registry, api::ClusterCreate request,
                                           WallTime now) {
  auto statements = founding_statements(request, to_unix_ms(now));
  auto written = co_await registry->execute(std::move(statements));
  if (!written.ok() && written.error().code != Errc::conflict) {
    co_return std::move(written).error();
  }
  if (written.ok() && written->front() == 1) {
    co_return Founding::created;
  }
  auto load = load_statement();
  CO_TRY(rows, co_await registry->query(std::move(load), Consistency::linearizable));
  CO_TRY(state, read_membership(rows));
  if (is_same(state, request)) {
    co_return Founding::stood_already;
  }
  co_return taken(state);
}

}  // namespace orama::gateway::cluster
