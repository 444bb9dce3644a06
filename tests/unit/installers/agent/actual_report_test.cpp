#include "installers/agent/actual_report.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/fake_mesh_device.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes

namespace {

void add_unit(FakeHost& fake, const char* name, const char* active) {
  FakeUnit unit;
  unit.active = active;
  fake.commands.add_unit(name, unit);
}

struct Node {
  FakeHost fake;
  FakeMeshDevice device;
  ActualReport report{fake.host, device};

  Node() {
    add_unit(fake, "orama-agent.service", "active");
    add_unit(fake, "orama-rqlite.service", "failed");
    fake.commands.on("dpkg-query", "orama 0.1.0-1\norama-components 0.1.0-1\n");
    fake.commands.on("stat", "1732449612\n");
  }
};

const orama::api::Actual::Unit* find_unit(const orama::api::Actual& actual,
                                          const std::string& name) {
  for (const auto& unit : actual.units) {
    if (unit.name == name) {
      return &unit;
    }
  }
  return nullptr;
}

}  // namespace

TEST_CASE("the report names peers by member, units as systemd has them and package versions") {
  Node node;
  const orama::api::Desired desired = sample_desired();
  node.device.add_peer({orama::crypto::from_base64(desired.peers[0].wg_public_key).value(),
                        orama::mesh::IpAddress::parse("10.0.0.2").value(), "203.0.113.12:51820",
                        std::chrono::seconds(1732449612), 180, 92});
  node.device.add_peer({std::string(32, 'h'), {}, "", {}, 1, 1});  // by hand: not a member
  const orama::api::Actual actual = node.report.make(desired);
  CHECK(actual.version == 7);
  REQUIRE(actual.peers.size() == 1);
  CHECK(actual.peers[0].id == desired.peers[0].id);
  CHECK(actual.peers[0].last_handshake == "2024-11-24T12:00:12.000Z");
  CHECK(actual.peers[0].rx == 180);
  CHECK(actual.package_orama == "0.1.0-1");
  CHECK(actual.package_components == "0.1.0-1");
  CHECK(actual.time == "2026-11-24T12:00:00.000Z");
  REQUIRE(find_unit(actual, "orama-rqlite.service") != nullptr);
  CHECK(find_unit(actual, "orama-rqlite.service")->active == "failed");
  CHECK(find_unit(actual, "orama-agent.service")->active == "active");
  CHECK(find_unit(actual, "caddy.service") == nullptr);  // not installed
}

TEST_CASE("a host where nothing can be found out still reports") {
  FakeHost fake;
  FakeMeshDevice device;
  device.set_gone(true);
  ActualReport report(fake.host, device);
  const orama::api::Actual actual = report.make({});
  CHECK(actual.peers.empty());
  CHECK(actual.package_orama.empty());
  CHECK(orama::api::Actual::from_json(actual.to_json()).ok());
}

TEST_CASE("a newer wireguard-go waits for a restart only where it runs") {
  for (const bool kernel : {false, true}) {
    CAPTURE(kernel);
    Node node;
    FakeIp ip(node.fake.commands);
    ip.kind = kernel ? "wireguard" : "tun";
    FakeUnit unit;
    unit.active = "active";
    unit.starts = 1;  // at 1795541239
    node.fake.commands.add_unit("orama-wireguard.service", unit);
    node.fake.commands.on("stat --format=%Z /usr/bin/wireguard-go", "1795541300\n");
    const orama::api::Actual actual = node.report.make({});
    REQUIRE(find_unit(actual, "orama-wireguard.service") != nullptr);
    CHECK(find_unit(actual, "orama-wireguard.service")->restart_pending == !kernel);
  }
}

TEST_CASE("every engine is reported, and waits for a restart when its binary is newer") {
  struct Engine {
    const char* unit;
    const char* binary;
  };
  for (const Engine& engine :
       {Engine{"orama-rqlite.service", "rqlited"},
        Engine{"orama-rqlite@default.service", "rqlited"},
        Engine{"orama-olric.service", "olric-server"}, Engine{"orama-ipfs.service", "ipfs"},
        Engine{"orama-ipfs-cluster.service", "ipfs-cluster-service"}}) {
    CAPTURE(engine.unit);
    for (const bool newer : {false, true}) {
      Node node;
      FakeUnit unit;
      unit.active = "active";
      unit.starts = 1;  // at 1795541239
      node.fake.commands.add_unit(engine.unit, unit);
      node.fake.commands.on(std::string("stat --format=%Z /usr/lib/orama/") + engine.binary,
                            newer ? "1795541300\n" : "1795541200\n");
      const orama::api::Actual actual = node.report.make({});
      REQUIRE(find_unit(actual, engine.unit) != nullptr);
      CHECK(find_unit(actual, engine.unit)->restart_pending == newer);
    }
  }
}

TEST_CASE("packages are asked for once a minute") {
  Node node;
  static_cast<void>(node.report.make({}));
  static_cast<void>(node.report.make({}));
  CHECK(node.fake.commands.count("dpkg-query") == 1);
  node.fake.clock.sleep_for(std::chrono::minutes(1));
  static_cast<void>(node.report.make({}));
  CHECK(node.fake.commands.count("dpkg-query") == 2);
}

TEST_CASE("the report goes to the admin socket as JSON that its type reads back") {
  Node node;
  orama::HttpRequest seen;
  node.fake.http.on_request(
      [&seen](const orama::HttpRequest& request) -> orama::Result<orama::HttpResponse> {
        seen = request;
        return orama::HttpResponse{200, {}, R"({"status":"ok"})"};
      });
  REQUIRE(node.report.send(node.report.make(sample_desired()), "/run/orama/admin.sock").ok());
  CHECK(seen.method == "POST");
  CHECK(seen.unix_socket == "/run/orama/admin.sock");
  CHECK(seen.url == "http://localhost/admin/actual");
  CHECK(orama::api::Actual::from_json(orama::parse_json(seen.body).value())->version == 7);

  node.fake.http.on_request([](const orama::HttpRequest&) -> orama::Result<orama::HttpResponse> {
    return orama::HttpResponse{400, {}, "{}"};
  });
  const auto refused = node.report.send({}, "/run/orama/admin.sock");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("400") != std::string::npos);
}

TEST_CASE("peers that never answered are told from those that did") {
  orama::api::Desired desired;
  orama::api::Actual actual;
  CHECK(has_met_all(desired, actual));
  desired.peers = {{"node_1", "a", "10.0.0.1", "k", {}}};
  CHECK_FALSE(has_met_all(desired, actual));
  actual.peers = {{"node_1", std::nullopt, 0, 0, ""}};
  CHECK_FALSE(has_met_all(desired, actual));
  actual.peers[0].last_handshake = "2026-11-24T12:00:00.000Z";
  CHECK(has_met_all(desired, actual));
}

TEST_CASE("what dpkg-query prints is read line by line") {
  CHECK(parse_package_versions("orama 0.1.0-1\n").at("orama") == "0.1.0-1");
  CHECK(parse_package_versions("orama 0.1.0-1\norama-components ").size() == 1);
  CHECK(parse_package_versions("").empty());
  CHECK(parse_package_versions("\n \nword\n").empty());
}
