// The admin API's types (http-api.md 20): each is read from the contract's shape and written back
// the same, and each required field is missed by its name.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/mesh/ip_address.h"

namespace orama::api {
namespace {

using nlohmann::json;

const char* const kCluster = R"({
  "id": "cluster_1", "name": "example.com", "base_domain": "example.com", "mesh_cidr": "10.0.0.0/24",
  "node": {"id": "node_1", "name": "node1", "mesh_ip": "10.0.0.1",
           "wg_public_key": "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=",
           "node_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
           "endpoints": ["203.0.113.11:51820"], "roles": ["nameserver"]}})";

const char* const kDesired = R"({
  "version": 7, "stale": false, "mesh_cidr": "10.0.0.0/24",
  "self": {"id": "node_1", "name": "node1", "mesh_ip": "10.0.0.1", "voter": true, "state": "ready"},
  "peers": [{"id": "node_2", "name": "node2", "mesh_ip": "10.0.0.2", "wg_public_key": "k", "endpoints": ["e:1"]}],
  "removed": [{"id": "node_3", "wg_public_key": "k3"}],
  "seal": [{"id": "node_4", "node_key": "k4", "roles": ["relay"]}],
  "engines": {"rqlite": {"join": ["10.0.0.2:7001"]}, "ipfs": {"peers": {"node_2": "p2"}},
              "ipfs_cluster": {"peers": {"node_2": "c2"}}}})";

const char* const kActual = R"({
  "version": 7,
  "peers": [{"id": "node_2", "last_handshake": "2026-11-24T17:13:32.041Z", "rx": 1, "tx": 2, "endpoint": "e:1"},
            {"id": "node_5", "last_handshake": null, "rx": 0, "tx": 0, "endpoint": ""}],
  "units": [{"name": "orama-gateway.service", "active": "active", "since": "2026-11-24T17:13:32Z",
             "restart_pending": false}],
  "disk": {"free": 1, "total": 2}, "packages": {"orama": "0.1.0", "components": ""},
  "time": "2026-11-24T17:13:32Z"})";

const char* const kStatus = R"({
  "cluster": {"id": "cluster_1", "name": "example.com", "base_domain": "example.com",
              "mesh_cidr": "10.0.0.0/24", "generation": 1},
  "node": {"id": "node_1", "name": "node1", "mesh_ip": "10.0.0.1"},
  "registry": {"leader_id": "node_1", "voters": 1, "voters_up": 1, "quorum": true, "tolerates": 0,
               "applied_index": 12, "staleness_seconds": 0.5, "silent": ["node_2"]},
  "nodes": {"total": 1, "up": 1},
  "checks": {"registry": {"status": "up", "engine": "rqlite", "counted": true, "latency_ms": 1.5,
                          "checked_at": "2026-11-24T17:13:32Z"},
             "cache": {"status": "down", "engine": "olric", "counted": true, "latency_ms": null,
                       "checked_at": "2026-11-24T17:13:32Z", "reason": "refused"}},
  "rotate": [{"name": "olric-password", "node": "node3", "since": "2026-11-24T17:13:32Z"}],
  "missing": [], "version": "0.1.0", "started_at": "2026-11-24T17:13:32Z", "uptime": "5s"})";

json node_json() {
  json node = json::parse(R"({
    "id": "node_1", "name": "node1", "mesh_ip": "10.0.0.1", "wg_public_key": "k", "endpoints": ["e:1"],
    "roles": [], "state": "ready", "voter": true, "leader": true, "up": true, "version": "0.1.0",
    "joined_at": "2026-11-24T17:13:32Z", "last_seen": null})");
  node["engines"] = {{"ipfs", "p1"}, {"ipfs_cluster", "c1"}};
  node["actual"] = json::parse(kActual);
  return node;
}

TEST_CASE_TEMPLATE_DEFINE("read and written the same", T, round_trip) {
  const json document = [] {
    if constexpr (std::is_same_v<T, ClusterCreate>) {
      return json::parse(kCluster);
    } else if constexpr (std::is_same_v<T, Desired>) {
      return json::parse(kDesired);
    } else if constexpr (std::is_same_v<T, Actual>) {
      return json::parse(kActual);
    } else if constexpr (std::is_same_v<T, AdminStatus>) {
      return json::parse(kStatus);
    } else {
      return node_json();
    }
  }();
  const auto value = T::from_json(document);
  REQUIRE_MESSAGE(value.ok(), value.error().message);
  CHECK(value->to_json() == document);
  // Unknown fields are ignored (http-api.md 1).
  json later = document;
  later["of_a_later_release"] = 1;
  CHECK(T::from_json(later).ok());
  CHECK_FALSE(T::from_json(json::array()).ok());
}
TEST_CASE_TEMPLATE_INVOKE(round_trip, ClusterCreate, Desired, Actual, AdminStatus, Node);

using Change = std::pair<const char*, json>;  // JSON pointer and new value; null removes

// The field that from_json names after `change`.
template <class T>
std::string refused_field(const char* text, const Change& change) {
  json document = json::parse(text);
  document[json::json_pointer(change.first)] = change.second;
  const auto value = T::from_json(document);
  return value.ok() ? "accepted" : value.error().message.substr(0, value.error().message.find(':'));
}

TEST_CASE("what founds a cluster is checked field by field") {
  const std::vector<std::pair<Change, const char*>> cases{
      {{"/id", nullptr}, "id"},
      {{"/id", "a b"}, "id"},
      {{"/name", ""}, "name"},
      {{"/base_domain", "localhost"}, "base_domain"},
      {{"/mesh_cidr", "203.0.113.0/24"}, "mesh_cidr"},
      {{"/mesh_cidr", "127.77.0.0/24"}, "mesh_cidr"},
      {{"/node", nullptr}, "node"},
      {{"/node/id", 5}, "node.id"},
      {{"/node/name", "Node"}, "node.name"},
      {{"/node/mesh_ip", "10.0.0.0"}, "node.mesh_ip"},
      {{"/node/mesh_ip", "10.0.0.255"}, "node.mesh_ip"},
      {{"/node/mesh_ip", "10.0.1.1"}, "node.mesh_ip"},
      {{"/node/mesh_ip", "::1"}, "node.mesh_ip"},
      {{"/node/wg_public_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
       "node.wg_public_key"},
      {{"/node/node_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "node.node_key"},
      {{"/node/node_key", "short"}, "node.node_key"},
      {{"/node/endpoints/0", "127.0.0.1:51820"}, "node.endpoints"},
      {{"/node/endpoints/0", "10.0.0.9:51820"}, "node.endpoints"},
      {{"/node/endpoints/0", "node1.example.com:51820"}, "node.endpoints"},
      {{"/node/endpoints", "203.0.113.11:51820"}, "node.endpoints"},
      {{"/node/endpoints", json(std::vector<std::string>(9, "203.0.113.11:51820"))},
       "node.endpoints"},
      {{"/node/roles/0", "king"}, "node.roles"}};
  for (const auto& [change, field] : cases) {
    CAPTURE(std::string(change.first));
    CAPTURE(change.second.dump());
    CHECK(refused_field<ClusterCreate>(kCluster, change) == field);
  }
  CHECK(refused_field<ClusterCreate>(
            kCluster, {"/node/endpoints",
                       json(std::vector<std::string>(8, "203.0.113.11:51820"))}) == "accepted");
}

TEST_CASE("a development cluster has its mesh on loopback") {
  json document = json::parse(kCluster);
  document["mesh_cidr"] = "127.77.0.0/24";
  document["node"]["mesh_ip"] = "127.77.0.1";
  document["node"]["endpoints"] = json::array();
  CHECK_FALSE(ClusterCreate::from_json(document).ok());
  CHECK(ClusterCreate::from_json(document, mesh::Cidr::Use::development).ok());
}

TEST_CASE("wrong shapes of desired, actual and status are named") {
  const std::vector<std::pair<Change, const char*>> desired{
      {{"/version", -1}, "version"},
      {{"/stale", "no"}, "stale"},
      {{"/self", nullptr}, "self"},
      {{"/self/id", ""}, "self.id"},
      {{"/peers", json::object()}, "peers"},
      {{"/peers/0/mesh_ip", 5}, "peers[0].mesh_ip"},
      {{"/peers/0", 5}, "peers[0]"},
      {{"/removed/0/id", nullptr}, "removed[0].id"},
      {{"/seal/0/roles", "relay"}, "seal[0].roles"},
      {{"/engines/rqlite", nullptr}, "engines.rqlite"},
      {{"/engines/rqlite/join", {5}}, "engines.rqlite.join"},
      {{"/engines/ipfs", 5}, "engines.ipfs"},
      {{"/engines/ipfs/peers", nullptr}, "engines.ipfs.peers"},
      {{"/engines/ipfs/peers", json::array()}, "engines.ipfs.peers"},
      {{"/engines/ipfs_cluster/peers/node_2", 5}, "engines.ipfs_cluster.peers"},
      {{"/engines/ipfs_cluster/peers/node_2", ""}, "engines.ipfs_cluster.peers"}};
  for (const auto& [change, field] : desired) {
    CAPTURE(std::string(change.first));
    CHECK(refused_field<Desired>(kDesired, change) == field);
  }
  const std::vector<std::pair<Change, const char*>> actual{
      {{"/version", 1.5}, "version"},
      {{"/peers/0/rx", -1}, "peers[0].rx"},
      {{"/units/0/restart_pending", 0}, "units[0].restart_pending"},
      {{"/disk/free", "1"}, "disk.free"},
      {{"/packages", nullptr}, "packages"},
      {{"/time", ""}, "time"}};
  for (const auto& [change, field] : actual) {
    CAPTURE(std::string(change.first));
    CHECK(refused_field<Actual>(kActual, change) == field);
  }
  const std::vector<std::pair<Change, const char*>> status{
      {{"/node", nullptr}, "node"},
      {{"/registry/voters", -1}, "registry.voters"},
      {{"/checks", json::array()}, "checks"},
      {{"/checks/registry/counted", 1}, "checks.registry"},
      {{"/cluster/generation", "1"}, "generation"}};
  for (const auto& [change, field] : status) {
    CAPTURE(std::string(change.first));
    CHECK(refused_field<AdminStatus>(kStatus, change) == field);
  }
}

TEST_CASE("a desired state that an older release saved, and a node that has told nothing yet") {
  json older = json::parse(kDesired);
  older["engines"].erase("ipfs");
  older["engines"].erase("ipfs_cluster");
  const auto desired = Desired::from_json(older);
  REQUIRE(desired.ok());
  CHECK(desired->ipfs_peers.empty());
  CHECK(desired->ipfs_cluster_peers.empty());

  json silent = node_json();
  silent.erase("engines");
  const auto node = Node::from_json(silent);
  REQUIRE(node.ok());
  CHECK(node->ipfs_peer.empty());
  CHECK(node->to_json() == silent);
  json half = node_json();
  half["engines"].erase("ipfs");
  CHECK(Node::from_json(half)->to_json() == half);
}

TEST_CASE("a status without a cluster is one") {
  json document = json::parse(kStatus);
  document["cluster"] = nullptr;
  const auto status = AdminStatus::from_json(document);
  REQUIRE(status.ok());
  CHECK_FALSE(status->cluster.has_value());
}

}  // namespace
}  // namespace orama::api
