#include "common/api/node_file.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace orama::api {
namespace {

using nlohmann::json;

json good() {
  return json::parse(R"({
    "version": 1, "id": "node_0192d4a0-7c1b-7def-8a1b-0123456789ab", "name": "node1", "roles": ["nameserver"],
    "mesh_cidr": "10.0.0.0/24", "mesh_ip": "10.0.0.1", "domain": "node1.example.com", "base_domain": "example.com",
    "cluster_id": "cluster_0192d4a0-7c1b-7def-8a1b-0123456789ac",
    "public_addresses": ["203.0.113.11", "2001:db8::11"], "founded": true, "member": false})");
}

TEST_CASE("node.json is read into types, and written as it was") {
  const auto node = NodeFile::from_json(good());
  REQUIRE(node.ok());
  CHECK(node->name == "node1");
  CHECK(node->mesh_cidr.host(1) == node->mesh_ip);
  CHECK(node->public_addresses.size() == 2);
  CHECK(node->founded);
  CHECK_FALSE(node->member);
  CHECK(node->to_json() == good());
  CHECK(node->to_text().ends_with("}\n"));
  CHECK(NodeFile::from_text(node->to_text()).value() == *node);
}

TEST_CASE(
    "a node without roles or addresses, a development mesh and fields of a later release pass") {
  json file = good();
  file["roles"] = json::array();
  file["public_addresses"] = json::array();
  file["mesh_cidr"] = "127.77.0.0/24";
  file["mesh_ip"] = "127.77.0.254";
  file["later"] = {1, 2};
  CHECK(NodeFile::from_json(file).ok());
}

TEST_CASE("a wrong field is refused by its name") {
  const std::vector<std::pair<const char*, json>> cases{
      {"version", 2},
      {"version", "1"},
      {"id", ""},
      {"id", "a b"},
      {"name", "Node1"},
      {"roles", {"king"}},
      {"roles", "relay"},
      {"mesh_cidr", "203.0.113.0/24"},
      {"mesh_ip", "10.0.0.0"},
      {"mesh_ip", "10.0.0.255"},
      {"mesh_ip", "10.0.1.1"},
      {"mesh_ip", "::1"},
      {"domain", "localhost"},
      {"base_domain", 5},
      {"cluster_id", nullptr},
      {"public_addresses", {"node1.example.com"}},
      {"public_addresses", json::array({"1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5",
                                        "1.1.1.6", "1.1.1.7", "1.1.1.8", "1.1.1.9"})},
      {"founded", 1},
      {"member", "no"}};
  for (const auto& [field, value] : cases) {
    json file = good();
    file[field] = value;
    CAPTURE(file.dump());
    const auto node = NodeFile::from_json(file);
    REQUIRE_FALSE(node.ok());
    CHECK(node.error().code == Errc::invalid_argument);
    CHECK(node.error().message.starts_with(std::string(field) + ": "));
  }
}

TEST_CASE("no field may be missing, and no text is half a file") {
  const json complete = good();
  for (const auto& [field, value] : complete.items()) {
    json file = complete;
    file.erase(field);
    CAPTURE(field);
    REQUIRE_FALSE(NodeFile::from_json(file).ok());
    CHECK(NodeFile::from_json(file).error().message == field + ": is required");
  }
  const std::string text = complete.dump();
  for (std::size_t length = 0; length < text.size(); ++length) {
    CHECK_FALSE(NodeFile::from_text(text.substr(0, length)).ok());
  }
  CHECK_FALSE(NodeFile::from_text("[]").ok());
}

}  // namespace
}  // namespace orama::api
