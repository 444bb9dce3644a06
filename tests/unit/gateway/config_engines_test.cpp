// The sections of the engines beside the registry.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "gateway/config.h"

namespace orama::gateway {
namespace {

const std::string kRest = R"(node:
  id: node_0193
  name: node1
  domain: node1.example.com
  mesh_ip: 10.0.0.1
  mesh_cidr: 10.0.0.0/24
  public_addresses: [203.0.113.11]
  roles: []
cluster: {id: cluster_0193, name: example.com, base_domain: example.com}
registry: {engine: rqlite, url: "http://10.0.0.1:5001", user: gateway}
)";

TEST_CASE("without their sections there are no engines") {
  const auto config = parse_config(kRest, "orama.yaml");
  REQUIRE(config.ok());
  CHECK_FALSE(config->engines.database);
  CHECK_FALSE(config->engines.cache);
  CHECK_FALSE(config->engines.storage);
  CHECK_FALSE(config->engines.pinning);
}

TEST_CASE("the engines of a node, as an install writes them") {
  const auto config = parse_config(
      kRest +
          "database: {engine: rqlite, url: \"http://10.0.0.1:10000\", user: gateway}\n"
          "cache: {engine: olric, address: \"10.0.0.1:3320\"}\n"
          "storage: {engine: kubo, url: \"http://127.0.0.1:4501\"}\n"
          "pinning: {engine: ipfs-cluster, url: \"http://10.0.0.1:9094\", user: orama}\n",
      "orama.yaml");
  REQUIRE(config.ok());
  REQUIRE(config->engines.database);
  CHECK(config->engines.database->endpoint.to_string() == "10.0.0.1:10000");
  CHECK(config->engines.database->user == "gateway");
  REQUIRE(config->engines.cache);
  CHECK(config->engines.cache->to_string() == "10.0.0.1:3320");
  REQUIRE(config->engines.storage);
  CHECK(config->engines.storage->to_string() == "127.0.0.1:4501");
  REQUIRE(config->engines.pinning);
  CHECK(config->engines.pinning->endpoint.port == 9094);
  CHECK(config->engines.pinning->user == "orama");

  // Each that needs a password misses its credential here.
  std::string warnings;
  for (const std::string& warning : config_warnings(*config)) {
    warnings += warning + "\n";
  }
  for (const std::string_view name :
       {"databases.key", "olric-password", "ipfs-cluster-rest-password"}) {
    CHECK(warnings.find(name) != std::string::npos);
  }
}

TEST_CASE("a wrong section is refused by its key") {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"database: {engine: postgres, url: \"http://10.0.0.1:1\", user: a}", "database.engine"},
      {"database: {url: \"http://10.0.0.1:10000\", user: a}", "database.engine"},
      {"database: {user: a}", "database.engine"},
      {"database: {engine: rqlite, user: a}", "database.url"},
      {"database: {engine: rqlite, url: \"10.0.0.1:10000\", user: a}", "database.url"},
      {"database: {engine: rqlite, url: \"http://10.0.0.1:10000\"}", "database.user"},
      {"database: {engine: rqlite, url: \"http://10.0.0.1:10000\", user: \"a:b\"}",
       "database.user"},
      {"cache: {engine: redis, address: \"10.0.0.1:3320\"}", "cache.engine"},
      {"cache: {engine: olric}", "cache.address"},
      {"cache: {engine: olric, address: \"http://10.0.0.1:3320\"}", "cache.address"},
      {"cache: {engine: olric, address: \"node1:3320\"}", "cache.address"},
      {"cache: {engine: olric, address: \"10.0.0.1:3320/\"}", "cache.address"},
      {"cache: {engine: olric, address: \"10.0.0.1:65536\"}", "cache.address"},
      {"cache: {engine: olric, url: \"10.0.0.1:3320\"}", "cache.url"},
      {"storage: {engine: s3, url: \"http://127.0.0.1:4501\"}", "storage.engine"},
      {"storage: {engine: kubo, url: \"http://localhost:4501\"}", "storage.url"},
      {"pinning: {engine: kubo, url: \"http://10.0.0.1:9094\", user: orama}", "pinning.engine"},
      {"pinning: {engine: ipfs-cluster, url: \"http://10.0.0.1:9094\"}", "pinning.user"}};
  for (const auto& [text, key] : cases) {
    CAPTURE(text);
    const auto config = parse_config(kRest + std::string(text) + "\n", "orama.yaml");
    REQUIRE(!config.ok());
    CHECK(config.error().code == Errc::invalid_argument);
    CHECK_MESSAGE(config.error().message.find(key) != std::string::npos, config.error().message);
  }
}

}  // namespace
}  // namespace orama::gateway
