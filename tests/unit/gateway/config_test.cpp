#include "gateway/config.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/http/address_range.h"

namespace orama::gateway {
namespace {

const std::string kNode = R"(node:
  id: node_0193
  name: node1
  domain: Node1.Example.com
  mesh_ip: 10.0.0.1
  mesh_cidr: 10.0.0.0/24
  public_addresses:
    - 203.0.113.11
  roles: []
cluster: {id: cluster_0193, name: example.com, base_domain: example.com}
)";
const std::string kRqlite =
    "registry: {engine: rqlite, url: http://10.0.0.1:5001, user: gateway}\n";

TEST_CASE("what an install writes is enough; the rest has its documented default") {
  auto config = parse_config(kNode + kRqlite, "orama.yaml");
  REQUIRE(config.ok());
  CHECK(config->node.id == "node_0193");
  CHECK(config->node.domain == "node1.example.com");
  CHECK(config->node.mesh_ip.to_string() == "10.0.0.1");
  CHECK(config->registry.engine == RegistryEngine::rqlite);
  CHECK(config->registry.endpoint.to_string() == "10.0.0.1:5001");
  REQUIRE(config->http.listen.size() == 2);
  CHECK(config->http.listen[1].address.to_string() == "10.0.0.1");
  CHECK(config->http.listen[1].port == 6001);
  CHECK(config->http.admin_socket == "/run/orama/admin.sock");
  CHECK(http::any_contains(config->http.trusted_proxies, *mesh::IpAddress::parse("127.9.9.9")));
  CHECK(http::any_contains(config->http.trusted_proxies, *mesh::IpAddress::parse("::1")));
  CHECK(!http::any_contains(config->http.trusted_proxies, *mesh::IpAddress::parse("10.0.0.2")));
  CHECK(config->http.threads == 0);
  CHECK(config->cors_origins == std::vector<std::string>{"*"});
  CHECK(config->drain_within == std::chrono::seconds(5));
  CHECK(config->access_log == "/var/log/orama/gateway/access.log");
  CHECK(!config->development());
}

TEST_CASE("everything can be set") {
  auto config =
      parse_config(kNode +
                       "registry: {engine: embedded, path: /var/lib/orama/registry.sqlite}\n"
                       "http: {listen: [\"[::1]:7001\"], admin_socket: /tmp/a.sock, "
                       "trusted_proxies: [], threads: 3}\n"
                       "cors: {origins: [\"https://app.example.com\"]}\n"
                       "drain: {within: 1500ms}\n"
                       "log: {level: debug, access: \"\"}\n"
                       "state: {folder: /srv/state}\n",
                   "orama.yaml");
  REQUIRE(config.ok());
  CHECK(config->registry.engine == RegistryEngine::embedded);
  CHECK(config->registry.path == "/var/lib/orama/registry.sqlite");
  REQUIRE(config->http.listen.size() == 1);
  CHECK(config->http.listen[0].address.is_v6());
  CHECK(config->http.trusted_proxies.empty());
  CHECK(config->http.threads == 3);
  CHECK(config->drain_within == std::chrono::milliseconds(1500));
  CHECK(config->log_level == LogLevel::debug);
  CHECK(config->access_log.empty());
  CHECK(config->state_folder == "/srv/state");
}

TEST_CASE("each wrong value is refused by its key") {
  const std::vector<std::pair<std::string_view, std::string_view>> cases = {
      {"http: {listen: [\"10.0.0.1\"]}", "http.listen"},
      {"http: {listen: [\"node1:6001\"]}", "http.listen"},
      {"http: {admin_socket: admin.sock}", "http.admin_socket"},
      {"http: {trusted_proxies: [\"10.0.0.1/8\"]}", "http.trusted_proxies"},
      {"http: {threads: 257}", "http.threads"},
      {"http: {threads: -1}", "http.threads"},
      {"drain: {within: 0s}", "drain.within"},
      {"drain: {within: 6m}", "drain.within"},
      {"log: {level: loud}", "log.level"},
      {"log: {access: access.log}", "log.access"},
      {"state: {folder: here}", "state.folder"},
      {"http: {thread: 2}", "http.threads"},  // did you mean
  };
  for (const auto& [text, key] : cases) {
    CAPTURE(text);
    auto config = parse_config(kNode + kRqlite + std::string(text) + "\n", "orama.yaml");
    REQUIRE(!config.ok());
    CHECK(config.error().code == Errc::invalid_argument);
    CHECK(config.error().message.find(key) != std::string::npos);
  }
  const std::vector<std::pair<std::string_view, std::string_view>> registries = {
      {"{engine: postgres, url: http://10.0.0.1:5001, user: gateway}", "registry.engine"},
      {"{engine: rqlite, url: \"10.0.0.1:5001\", user: gateway}", "registry.url"},
      {"{engine: rqlite, user: gateway}", "registry.url"},
      {"{engine: rqlite, url: http://10.0.0.1:5001}", "registry.user"},
      {"{engine: embedded}", "registry.path"},
      {"{engine: embedded, path: here.sqlite}", "registry.path"},
  };
  for (const auto& [text, key] : registries) {
    CAPTURE(text);
    auto config = parse_config(kNode + "registry: " + std::string(text) + "\n", "orama.yaml");
    REQUIRE(!config.ok());
    CHECK(config.error().message.find(key) != std::string::npos);
  }
}

TEST_CASE("all problems are told at once, with their lines") {
  auto config = parse_config(
      "node:\n  id: \"has spaces\"\n  name: UPPER\n  domain: single\n  mesh_ip: 10.9.9.9\n"
      "  mesh_cidr: 10.0.0.0/24\n  public_addresses: [nowhere]\n  roles: []\n" +
          kRqlite,
      "orama.yaml");
  REQUIRE(!config.ok());
  const std::string& message = config.error().message;
  for (const std::string_view part :
       {"orama.yaml:2: node.id", "orama.yaml:3: node.name", "orama.yaml:4: node.domain",
        "orama.yaml:5: node.mesh_ip", "orama.yaml:7: node.public_addresses", "cluster.id"}) {
    CAPTURE(part);
    CHECK(message.find(part) != std::string::npos);
  }
}

TEST_CASE("a mesh range inside 127/8 is a development cluster") {
  std::string text = kNode + kRqlite;
  for (const std::string_view from : {"10.0.0.1\n", "10.0.0.0/24\n"}) {
    const auto at = text.find(from);
    text.replace(at, 3, "127.");
  }
  auto config = parse_config(text, "orama.yaml");
  REQUIRE(config.ok());
  CHECK(config->development());
}

TEST_CASE("warnings name what this host lacks") {
  auto config = parse_config(
      kNode + kRqlite + "state: {folder: /nonexistent}\nlog: {access: /nonexistent/a.log}\n",
      "orama.yaml");
  REQUIRE(config.ok());
  const auto warnings = config_warnings(*config);
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0].find("registry-password") != std::string::npos);
  CHECK(warnings[1].find("/nonexistent") != std::string::npos);
  CHECK(warnings[2].find("log.access") != std::string::npos);
}

}  // namespace
}  // namespace orama::gateway
