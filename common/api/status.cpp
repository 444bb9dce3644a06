#include "common/api/status.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/api/fields.h"
#include "common/result.h"

namespace orama::api {
namespace {

using nlohmann::json;

constexpr std::size_t kShort = 64;
constexpr std::size_t kLong = 1024;
constexpr std::size_t kMaxChecks = 64;

Result<std::optional<double>> optional_number(const Fields& fields, std::string_view key) {
  if (!fields.has(key)) {
    return std::optional<double>();
  }
  TRY(number, fields.number(key));
  return std::optional<double>(number);
}

Result<AdminStatus::Registry> read_registry(const Fields& fields) {
  AdminStatus::Registry registry;
  TRY(leader_id, fields.text_or_empty("leader_id", kShort));
  TRY(voters, fields.integer("voters", 0));
  TRY(voters_up, fields.integer("voters_up", 0));
  TRY(quorum, fields.boolean("quorum"));
  TRY(tolerates, fields.integer("tolerates", 0));
  TRY(applied_index, fields.integer("applied_index", 0));
  TRY(staleness, fields.number("staleness_seconds"));
  if (fields.has("silent")) {  // a gateway of before does not say it
    TRY(silent, fields.texts("silent", kMaxPeers, kShort));
    registry.silent = std::move(silent);
  }
  registry.leader_id = std::move(leader_id);
  registry.voters = voters;
  registry.voters_up = voters_up;
  registry.quorum = quorum;
  registry.tolerates = tolerates;
  registry.applied_index = applied_index;
  registry.staleness_seconds = staleness;
  return registry;
}

Result<Checks> read_checks(const json& status) {
  const auto found = status.find("checks");
  if (found == status.end() || !found->is_object() || found->size() > kMaxChecks) {
    return field_error("checks", "expected an object");
  }
  Checks checks;
  for (const auto& [name, value] : found->items()) {
    auto check = Check::from_json(value);
    if (!check.ok()) {
      return field_error("checks." + name, check.error().message);
    }
    checks.emplace(name, std::move(check).value());
  }
  return checks;
}

Result<AdminStatus::Self> read_self(const Fields& fields) {
  AdminStatus::Self self;
  TRY(id, fields.text("id", kShort));
  TRY(name, fields.text("name", kShort));
  TRY(mesh_ip, fields.text("mesh_ip", kShort));
  self.id = std::move(id);
  self.name = std::move(name);
  self.mesh_ip = std::move(mesh_ip);
  return self;
}

// A gateway of an older release sends none.
Result<std::vector<AdminStatus::Rotate>> read_rotate(const Fields& fields) {
  std::vector<AdminStatus::Rotate> list;
  if (!fields.has("rotate")) {
    return list;
  }
  TRY(objects, fields.objects("rotate", kMaxChecks));
  for (const Fields& object : objects) {
    TRY(name, object.text("name", kShort));
    TRY(node, object.text("node", kShort));
    TRY(since, object.text("since", kShort));
    list.push_back({std::move(name), std::move(node), std::move(since)});
  }
  return list;
}

// Absent: the node has told none yet, or the gateway is of an older release.
Result<void> read_engines(const Fields& fields, Node& node) {
  if (!fields.has("engines")) {
    return {};
  }
  TRY(engines, fields.object("engines"));
  TRY(ipfs, engines.optional_text("ipfs", kShort));
  TRY(ipfs_cluster, engines.optional_text("ipfs_cluster", kShort));
  node.ipfs_peer = ipfs.value_or("");
  node.ipfs_cluster_peer = ipfs_cluster.value_or("");
  return {};
}

json engines_json(const Node& node) {
  json engines = json::object();
  if (!node.ipfs_peer.empty()) {
    engines["ipfs"] = node.ipfs_peer;
  }
  if (!node.ipfs_cluster_peer.empty()) {
    engines["ipfs_cluster"] = node.ipfs_cluster_peer;
  }
  return engines;
}

json admin_checks_json(const Checks& checks) {
  json out = checks_to_json(checks);
  for (const auto& [name, check] : checks) {
    if (!check.since.empty()) {
      out[name]["since"] = check.since;
    }
    if (!check.trouble.empty()) {
      out[name]["trouble"] = check.trouble.substr(0, kLong);
    }
  }
  return out;
}

json rotate_json(const std::vector<AdminStatus::Rotate>& list) {
  json out = json::array();
  for (const AdminStatus::Rotate& secret : list) {
    out.push_back({{"name", secret.name}, {"node", secret.node}, {"since", secret.since}});
  }
  return out;
}

}  // namespace

json Check::to_json() const {
  json out = {{"status", status},
              {"engine", engine},
              {"counted", counted},
              {"latency_ms", latency_ms ? json(*latency_ms) : json(nullptr)},
              {"checked_at", checked_at}};
  if (reason) {
    out["reason"] = *reason;
  }
  return out;
}

Result<Check> Check::from_json(const json& json) {
  const Fields fields(json);
  Check check;
  TRY(status, fields.text("status", kShort));
  TRY(engine, fields.text("engine", kShort));
  TRY(counted, fields.boolean("counted"));
  TRY(latency, optional_number(fields, "latency_ms"));
  TRY(checked_at, fields.text("checked_at", kShort));
  TRY(reason, fields.optional_text("reason", kShort));
  check.status = std::move(status);
  check.engine = std::move(engine);
  check.counted = counted;
  check.latency_ms = latency;
  check.checked_at = std::move(checked_at);
  check.reason = std::move(reason);
  TRY(since, fields.optional_text("since", kShort));
  TRY(trouble, fields.optional_text("trouble", kLong));
  check.since = since.value_or("");
  check.trouble = trouble.value_or("");
  return check;
}

json checks_to_json(const Checks& checks) {
  json out = json::object();
  for (const auto& [name, check] : checks) {
    out[name] = check.to_json();
  }
  return out;
}

json Node::to_json() const {
  json out = {{"id", id},
              {"name", name},
              {"mesh_ip", mesh_ip},
              {"wg_public_key", wg_public_key},
              {"endpoints", endpoints},
              {"roles", roles},
              {"state", state},
              {"voter", voter},
              {"leader", leader},
              {"up", up},
              {"version", version},
              {"joined_at", joined_at},
              {"last_seen", last_seen ? json(*last_seen) : json(nullptr)}};
  if (json engines = engines_json(*this); !engines.empty()) {
    out["engines"] = std::move(engines);
  }
  if (actual) {
    out["actual"] = actual->to_json();
  }
  return out;
}

Result<Node> Node::from_json(const json& json) {
  const Fields fields(json);
  Node node;
  TRY(id, fields.text("id", kShort));
  TRY(name, fields.text("name", kShort));
  TRY(mesh_ip, fields.text("mesh_ip", kShort));
  TRY(key, fields.text_or_empty("wg_public_key", kShort));
  TRY(endpoints, fields.texts("endpoints", kMaxEndpoints, kLong));
  TRY(roles, fields.texts("roles", kMaxEndpoints, kShort));
  TRY(state, fields.text("state", kShort));
  TRY(voter, fields.boolean("voter"));
  TRY(leader, fields.boolean("leader"));
  TRY(up, fields.boolean("up"));
  TRY(version, fields.text_or_empty("version", kShort));
  TRY(joined_at, fields.text_or_empty("joined_at", kShort));
  TRY(last_seen, fields.optional_text("last_seen", kShort));
  TRY_VOID(read_engines(fields, node));
  if (fields.has("actual")) {
    TRY(actual, Actual::from_json(json.at("actual")));
    node.actual = std::move(actual);
  }
  node.id = std::move(id);
  node.name = std::move(name);
  node.mesh_ip = std::move(mesh_ip);
  node.wg_public_key = std::move(key);
  node.endpoints = std::move(endpoints);
  node.roles = std::move(roles);
  node.state = std::move(state);
  node.voter = voter;
  node.leader = leader;
  node.up = up;
  node.version = std::move(version);
  node.joined_at = std::move(joined_at);
  node.last_seen = std::move(last_seen);
  return node;
}

json AdminStatus::to_json() const {
  return {{"cluster", cluster ? cluster->to_json() : json(nullptr)},
          {"node", {{"id", node.id}, {"name", node.name}, {"mesh_ip", node.mesh_ip}}},
          {"registry",
           {{"leader_id", registry.leader_id},
            {"voters", registry.voters},
            {"voters_up", registry.voters_up},
            {"quorum", registry.quorum},
            {"tolerates", registry.tolerates},
            {"applied_index", registry.applied_index},
            {"staleness_seconds", registry.staleness_seconds},
            {"silent", registry.silent}}},
          {"nodes", {{"total", nodes_total}, {"up", nodes_up}}},
          {"checks", admin_checks_json(checks)},
          {"rotate", rotate_json(rotate)},
          {"missing", missing},
          {"version", version},
          {"started_at", started_at},
          {"uptime", uptime}};
}

Result<AdminStatus> AdminStatus::from_json(const json& json) {
  const Fields fields(json);
  AdminStatus status;
  TRY(self_fields, fields.object("node"));
  TRY(self, read_self(self_fields));
  TRY(registry_fields, fields.object("registry"));
  TRY(registry, read_registry(registry_fields));
  TRY(nodes, fields.object("nodes"));
  TRY(nodes_total, nodes.integer("total", 0));
  TRY(nodes_up, nodes.integer("up", 0));
  TRY(checks, read_checks(json));
  TRY(rotate, read_rotate(fields));
  TRY(missing, fields.texts("missing", kMaxChecks, kLong));
  TRY(version, fields.text("version", kShort));
  TRY(started_at, fields.text("started_at", kShort));
  TRY(uptime, fields.text("uptime", kShort));
  if (fields.has("cluster")) {
    TRY(cluster, ClusterInfo::from_json(json.at("cluster")));
    status.cluster = std::move(cluster);
  }
  status.node = std::move(self);
  status.registry = std::move(registry);
  status.nodes_total = nodes_total;
  status.nodes_up = nodes_up;
  status.checks = std::move(checks);
  status.rotate = std::move(rotate);
  status.missing = std::move(missing);
  status.version = std::move(version);
  status.started_at = std::move(started_at);
  status.uptime = std::move(uptime);
  return status;
}

}  // namespace orama::api
