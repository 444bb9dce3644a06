#include "common/api/desired.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/api/fields.h"
#include "common/result.h"

namespace orama::api {
namespace {

using nlohmann::json;

constexpr std::size_t kShort = 64;  // ids, names, addresses, keys, states, times
constexpr std::size_t kLong = 300;  // endpoints, unit names, versions
constexpr std::size_t kMaxUnits = 256;
constexpr std::size_t kMaxRoles = 8;

Result<Desired::Self> read_self(const Fields& fields) {
  Desired::Self self;
  TRY(id, fields.text("id", kShort));
  TRY(name, fields.text("name", kShort));
  TRY(mesh_ip, fields.text("mesh_ip", kShort));
  TRY(voter, fields.boolean("voter"));
  TRY(state, fields.text("state", kShort));
  self.id = std::move(id);
  self.name = std::move(name);
  self.mesh_ip = std::move(mesh_ip);
  self.voter = voter;
  self.state = std::move(state);
  return self;
}

Result<Desired::Peer> read_peer(const Fields& fields) {
  Desired::Peer peer;
  TRY(id, fields.text("id", kShort));
  TRY(name, fields.text("name", kShort));
  TRY(mesh_ip, fields.text("mesh_ip", kShort));
  TRY(key, fields.text("wg_public_key", kShort));
  TRY(endpoints, fields.texts("endpoints", kMaxEndpoints, kLong));
  peer.id = std::move(id);
  peer.name = std::move(name);
  peer.mesh_ip = std::move(mesh_ip);
  peer.wg_public_key = std::move(key);
  peer.endpoints = std::move(endpoints);
  return peer;
}

Result<Desired::Removed> read_removed(const Fields& fields) {
  TRY(id, fields.text("id", kShort));
  TRY(key, fields.text("wg_public_key", kShort));
  return Desired::Removed{std::move(id), std::move(key)};
}

Result<Desired::Seal> read_seal(const Fields& fields) {
  TRY(id, fields.text("id", kShort));
  TRY(key, fields.text("node_key", kShort));
  TRY(roles, fields.texts("roles", kMaxRoles, kShort));
  return Desired::Seal{std::move(id), std::move(key), std::move(roles)};
}

Result<std::map<std::string, std::string>> read_engine_peers(const Fields& engines,
                                                             std::string_view engine) {
  if (!engines.has(engine)) {
    return std::map<std::string, std::string>();
  }
  TRY(fields, engines.object(engine));
  return fields.named_texts("peers", kMaxPeers, kShort);
}

Result<Actual::Peer> read_actual_peer(const Fields& fields) {
  Actual::Peer peer;
  TRY(id, fields.text("id", kShort));
  TRY(last_handshake, fields.optional_text("last_handshake", kShort));
  TRY(rx, fields.integer("rx", 0));
  TRY(tx, fields.integer("tx", 0));
  TRY(endpoint, fields.text_or_empty("endpoint", kLong));
  peer.id = std::move(id);
  peer.last_handshake = std::move(last_handshake);
  peer.rx = rx;
  peer.tx = tx;
  peer.endpoint = std::move(endpoint);
  return peer;
}

Result<Actual::Unit> read_unit(const Fields& fields) {
  Actual::Unit unit;
  TRY(name, fields.text("name", kLong));
  TRY(active, fields.text("active", kShort));
  TRY(since, fields.optional_text("since", kShort));
  TRY(restart_pending, fields.boolean("restart_pending"));
  unit.name = std::move(name);
  unit.active = std::move(active);
  unit.since = std::move(since);
  unit.restart_pending = restart_pending;
  return unit;
}

template <class T>
Result<std::vector<T>> read_list(const Fields& fields, std::string_view key, std::size_t items,
                                 Result<T> (*read)(const Fields&)) {
  TRY(objects, fields.objects(key, items));
  std::vector<T> list;
  for (const Fields& object : objects) {
    TRY(item, read(object));
    list.push_back(std::move(item));
  }
  return list;
}

json or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json(nullptr);
}

}  // namespace

json Desired::to_json() const {
  json out = {{"version", version},
              {"stale", stale},
              {"mesh_cidr", mesh_cidr},
              {"self",
               {{"id", self.id},
                {"name", self.name},
                {"mesh_ip", self.mesh_ip},
                {"voter", self.voter},
                {"state", self.state}}},
              {"peers", json::array()},
              {"removed", json::array()},
              {"seal", json::array()},
              {"engines",
               {{"rqlite", {{"join", rqlite_join}}},
                {"ipfs", {{"peers", ipfs_peers}}},
                {"ipfs_cluster", {{"peers", ipfs_cluster_peers}}}}}};
  for (const Peer& peer : peers) {
    out["peers"].push_back({{"id", peer.id},
                            {"name", peer.name},
                            {"mesh_ip", peer.mesh_ip},
                            {"wg_public_key", peer.wg_public_key},
                            {"endpoints", peer.endpoints}});
  }
  for (const Removed& node : removed) {
    out["removed"].push_back({{"id", node.id}, {"wg_public_key", node.wg_public_key}});
  }
  for (const Seal& node : seal) {
    out["seal"].push_back({{"id", node.id}, {"node_key", node.node_key}, {"roles", node.roles}});
  }
  return out;
}

Result<Desired> Desired::from_json(const json& json) {
  const Fields fields(json);
  Desired desired;
  TRY(version, fields.integer("version", 0));
  TRY(stale, fields.boolean("stale"));
  TRY(mesh_cidr, fields.text("mesh_cidr", kShort));
  TRY(self_fields, fields.object("self"));
  TRY(self, read_self(self_fields));
  TRY(peers, read_list(fields, "peers", kMaxPeers, &read_peer));
  TRY(removed, read_list(fields, "removed", kMaxPeers, &read_removed));
  TRY(seal, read_list(fields, "seal", kMaxPeers, &read_seal));
  TRY(engines, fields.object("engines"));
  TRY(rqlite, engines.object("rqlite"));
  TRY(join, rqlite.texts("join", kMaxPeers, kShort));
  TRY(ipfs_peers, read_engine_peers(engines, "ipfs"));
  TRY(ipfs_cluster_peers, read_engine_peers(engines, "ipfs_cluster"));
  desired.version = version;
  desired.stale = stale;
  desired.mesh_cidr = std::move(mesh_cidr);
  desired.self = std::move(self);
  desired.peers = std::move(peers);
  desired.removed = std::move(removed);
  desired.seal = std::move(seal);
  desired.rqlite_join = std::move(join);
  desired.ipfs_peers = std::move(ipfs_peers);
  desired.ipfs_cluster_peers = std::move(ipfs_cluster_peers);
  return desired;
}

json Actual::to_json() const {
  json out = {{"version", version},
              {"peers", json::array()},
              {"units", json::array()},
              {"disk", {{"free", disk_free}, {"total", disk_total}}},
              {"packages", {{"orama", package_orama}, {"components", package_components}}},
              {"time", time}};
  for (const Peer& peer : peers) {
    out["peers"].push_back({{"id", peer.id},
                            {"last_handshake", or_null(peer.last_handshake)},
                            {"rx", peer.rx},
                            {"tx", peer.tx},
                            {"endpoint", peer.endpoint}});
  }
  for (const Unit& unit : units) {
    out["units"].push_back({{"name", unit.name},
                            {"active", unit.active},
                            {"since", or_null(unit.since)},
                            {"restart_pending", unit.restart_pending}});
  }
  return out;
}

Result<Actual> Actual::from_json(const json& json) {
  const Fields fields(json);
  Actual actual;
  TRY(version, fields.integer("version", 0));
  TRY(peers, read_list(fields, "peers", kMaxPeers, &read_actual_peer));
  TRY(units, read_list(fields, "units", kMaxUnits, &read_unit));
  TRY(disk, fields.object("disk"));
  TRY(disk_free, disk.integer("free", 0));
  TRY(disk_total, disk.integer("total", 0));
  TRY(packages, fields.object("packages"));
  TRY(package_orama, packages.text_or_empty("orama", kLong));
  TRY(package_components, packages.text_or_empty("components", kLong));
  TRY(time, fields.text("time", kShort));
  actual.version = version;
  actual.peers = std::move(peers);
  actual.units = std::move(units);
  actual.disk_free = disk_free;
  actual.disk_total = disk_total;
  actual.package_orama = std::move(package_orama);
  actual.package_components = std::move(package_components);
  actual.time = std::move(time);
  return actual;
}

}  // namespace orama::api
