#include "gateway/cluster/membership_rows.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"

namespace orama::gateway::cluster {
namespace {

using backends::integer_of;
using backends::Rows;
using backends::Statement;
using backends::text_of;
using backends::Value;
using nlohmann::json;
using orama::text_of;

// Columns of load_statement, in order.
enum Column : std::size_t {
  kLastSeq,
  kVersion,
  kClusterId,
  kClusterName,
  kBaseDomain,
  kMeshCidr,
  kGeneration,
  kNodeId,
  kNodeName,
  kMeshIp,
  kWgKey,
  kNodeKey,
  kEndpoints,
  kRoles,
  kState,
  kVoter,
  kJoinedAt,
  kChangedAt,
  kIpfsPeer,
  kIpfsClusterPeer,
  kJoinKeyCopy,
  kJoinKey,
  kMarks,
  kColumns
};

bool is_null(const Value& value) {
  return std::holds_alternative<std::nullptr_t>(value);
}

Result<std::vector<std::string>> texts(const Value& value, std::string_view what) {
  const json list = json::parse(text_of(value), nullptr, false);
  std::vector<std::string> out;
  if (!list.is_array()) {
    return make_error(Errc::failed, "the registry's " + std::string(what) +
                                        " of a node: expected a JSON list of texts");
  }
  for (const json& item : list) {
    if (!item.is_string()) {
      return make_error(Errc::failed, "the registry's " + std::string(what) +
                                          " of a node: expected a JSON list of texts");
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<api::ClusterInfo> read_cluster(const std::vector<Value>& row) {
  api::ClusterInfo cluster;
  TRY(mesh_cidr, mesh::Cidr::parse(text_of(row[kMeshCidr])));
  cluster.id = text_of(row[kClusterId]);
  cluster.name = text_of(row[kClusterName]);
  cluster.base_domain = text_of(row[kBaseDomain]);
  cluster.mesh_cidr = mesh_cidr;
  cluster.generation = integer_of(row[kGeneration]);
  return cluster;
}

Result<NodeRow> read_node(const std::vector<Value>& row) {
  NodeRow node;
  TRY(endpoints, texts(row[kEndpoints], "endpoints"));
  TRY(roles, texts(row[kRoles], "roles"));
  node.id = text_of(row[kNodeId]);
  node.name = text_of(row[kNodeName]);
  node.mesh_ip = text_of(row[kMeshIp]);
  node.wg_public_key = text_of(row[kWgKey]);
  node.node_key = text_of(row[kNodeKey]);
  node.endpoints = std::move(endpoints);
  node.roles = std::move(roles);
  node.state = text_of(row[kState]);
  node.voter = integer_of(row[kVoter]) != 0;
  node.joined_at_ms = integer_of(row[kJoinedAt]);
  node.changed_at_ms = integer_of(row[kChangedAt]);
  node.ipfs_peer = text_of(row[kIpfsPeer]);
  node.ipfs_cluster_peer = text_of(row[kIpfsClusterPeer]);
  node.join_key_copy = text_of(row[kJoinKeyCopy]);
  return node;
}

Result<std::vector<SecretMark>> read_marks(const Value& value) {
  const json list = json::parse(text_of(value), nullptr, false);
  std::vector<SecretMark> marks;
  for (const json& item : list) {
    if (!item.is_object() || !item.contains("at") || !item.at("at").is_number_integer()) {
      return make_error(Errc::failed, "the registry's marks of secrets: expected names and times");
    }
    marks.push_back({text_of(item, "name"), text_of(item, "node"), item.at("at")});
  }
  return marks;
}

}  // namespace

Statement load_statement() {
  return Statement(
      "SELECT v.last_seq, v.version, c.id, c.name, c.base_domain, c.mesh_cidr, c.generation, n.id, "
      "n.name, n.mesh_ip, n.wg_public_key, n.node_key, n.endpoints, n.roles, n.state, n.voter, "
      "n.joined_at, n.changed_at, n.ipfs_peer, n.ipfs_cluster_peer, k.sealed, v.join_key, v.marks "
      "FROM (SELECT (SELECT max(seq) FROM "
      "changes) AS last_seq, (SELECT version FROM membership_version) AS version, (SELECT "
      "public_key FROM join_key) AS join_key, (SELECT json_group_array(json_object('name', name, "
      "'node', node_id, 'at', marked_at)) FROM (SELECT * FROM secret_rotations ORDER BY name)) AS "
      "marks) AS v LEFT JOIN cluster AS c ON 1 LEFT JOIN nodes AS n ON 1 LEFT JOIN join_key_copies "
      "AS k ON k.node_id = n.id ORDER BY n.id");
}

Result<MembershipState> read_membership(const Rows& rows) {
  MembershipState state;
  if (rows.rows.empty() || rows.columns.size() != kColumns) {
    return make_error(Errc::failed, "the registry's membership: expected one row at least");
  }
  const std::vector<Value>& first = rows.rows.front();
  state.last_seq = integer_of(first[kLastSeq]);
  state.version = integer_of(first[kVersion]);
  if (!is_null(first[kClusterId])) {
    TRY(cluster, read_cluster(first));
    state.cluster = std::move(cluster);
  }
  if (!is_null(first[kJoinKey])) {
    state.join_key = text_of(first[kJoinKey]);
  }
  TRY(marks, read_marks(first[kMarks]));
  state.rotations = std::move(marks);
  for (const auto& row : rows.rows) {
    if (is_null(row[kNodeId])) {
      continue;  // no node: the join gave one row of nulls
    }
    TRY(node, read_node(row));
    state.nodes.push_back(std::move(node));
  }
  return state;
}

std::string texts_column(const std::vector<std::string>& texts) {
  return json(texts).dump();
}

Statement changes_statement(std::int64_t last) {
  return Statement(
      "SELECT b.first, b.newest, c.seq, c.kind, c.id FROM (SELECT min(seq) AS first, max(seq) AS "
      "newest FROM changes) AS b LEFT JOIN changes AS c ON c.seq > ? ORDER BY c.seq",
      std::vector<Value>(1, Value(last)));
}

Result<ChangesSeen> read_changes(const Rows& rows) {
  if (rows.rows.empty() || rows.columns.size() != 5) {
    return make_error(Errc::failed, "the registry's list of changes: expected one row at least");
  }
  ChangesSeen seen;
  seen.first = integer_of(rows.rows.front()[0]);
  seen.newest = integer_of(rows.rows.front()[1]);
  for (const auto& row : rows.rows) {
    seen.count += is_null(row[2]) ? 0 : 1;
  }
  return seen;
}

}  // namespace orama::gateway::cluster
