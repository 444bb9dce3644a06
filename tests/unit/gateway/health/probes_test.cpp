#include "gateway/health/probes.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "common/api/status.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/health/mesh_probe.h"
#include "gateway/health/routes.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"
#include "tests/support/failing_registry.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway::health {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct Probed {
  tests::TemporaryFolder folder;
  asio::io_context context;
  SystemClock clock;
  backends::SqliteRegistry sqlite{folder.file("r.sqlite"), "n"};
  tests::FailingRegistry registry{sqlite};
  Probes probes{context, clock, make_probes(), Log::discard(), 5ms};
  RouteParts parts{probes,
                   clock,
                   build_info(),
                   WallTime(),
                   clock.steady_now(),
                   [] {
                     NetworkFacts facts;
                     facts.node_id = "node_a";
                     facts.nodes = 1;
                     facts.database_bytes = 77;
                     facts.ipfs = {"12D3KooWone", {"/ip4/10.0.0.1/tcp/4001"}};
                     return facts;
                   },
                   [this] { return registry_ready; },
                   [this] { return leaving; }};
  bool registry_ready = true;
  bool leaving = false;
  http::RouteTable routes;

  Probed() { add_routes(routes, parts); }
  std::vector<Probe> make_probes() {
    Probe registry_probe;
    registry_probe.name = "registry";
    registry_probe.engine = "sqlite";
    registry_probe.look = [this] { return registry.ping(); };
    Probe off;
    off.name = "mesh";
    off.engine = "wireguard";
    off.counting = Counting::uncounted;
    std::vector<Probe> all;
    all.push_back(std::move(registry_probe));
    all.push_back(std::move(off));
    return all;
  }
  bool wait_status(const std::string& status) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (registry_check().status != status && std::chrono::steady_clock::now() < until) {
      context.restart();
      context.run_one_for(20ms);
    }
    return registry_check().status == status;
  }
  api::Check registry_check() const { return probes.checks()->at("registry"); }
  std::pair<int, json> get(std::string_view operation) {
    for (const http::Route& route : routes) {
      if (route.operation_id == operation) {
        const std::vector<http::Header> headers;
        http::Request request;
        request.headers = &headers;
        request.request_id = "req-1";
        const auto result = tests::run(context, route.handler(request));
        const auto& response = std::get<http::Response>(result);
        return {response.status, json::parse(response.body)};
      }
    }
    return {0, json()};
  }
};

TEST_CASE("before the first look the registry is down, not ready; what is off is disabled") {
  const Probed p;
  CHECK(p.registry_check().status == "down");
  CHECK(p.registry_check().reason == "not_ready");
  CHECK(p.probes.checks()->at("mesh").status == "disabled");
  CHECK(!p.probes.checks()->at("mesh").counted);
}

TEST_CASE("health follows the registry: up, gone, back") {
  Probed p;
  p.probes.start();
  REQUIRE(p.wait_status("up"));
  CHECK(p.registry_check().latency_ms.has_value());
  CHECK(!p.registry_check().reason);
  auto [ok_status, ok] = p.get("getHealth");
  CHECK(ok_status == 200);
  CHECK(ok.at("status") == "ok");
  CHECK(ok.at("client").at("checks").at("registry") == "up");
  CHECK(!ok.contains("code"));

  const std::vector<std::pair<Errc, std::string>> reasons = {{Errc::unreachable, "refused"},
                                                             {Errc::timeout, "timeout"},
                                                             {Errc::quorum_refused, "not_ready"},
                                                             {Errc::failed, "error"}};
  for (const auto& [code, reason] : reasons) {
    p.registry.go(code);
    REQUIRE(p.wait_status("down"));
    CHECK(p.registry_check().reason == reason);
    CHECK(!p.registry_check().latency_ms);
    auto [status, body] = p.get("getHealthRoot");
    CHECK(status == 503);
    CHECK(body.at("status") == "unhealthy");
    CHECK(body.at("code") == "BACKEND_UNAVAILABLE");
    CHECK(body.at("request_id") == "req-1");
    CHECK(body.at("checks").at("registry").at("reason") == reason);
    CHECK(p.get("getLiveness").first == 200);
    CHECK(p.get("getReadiness").first == 503);
    p.registry.come_back();
    REQUIRE(p.wait_status("up"));
    CHECK(p.get("getHealth").first == 200);
  }
}

TEST_CASE("since when a check is as it is, and what the last look met") {
  Probed p;
  p.probes.start();
  REQUIRE(p.wait_status("up"));
  CHECK(p.registry_check().trouble.empty());
  const std::string up_since = p.registry_check().since;
  p.registry.go(Errc::unreachable);
  REQUIRE(p.wait_status("down"));
  const api::Check first = p.registry_check();
  CHECK(first.since >= up_since);
  CHECK_FALSE(first.trouble.empty());
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (p.registry_check().checked_at == first.checked_at &&
         std::chrono::steady_clock::now() < until) {
    p.context.restart();
    p.context.run_one_for(20ms);
  }
  CHECK(p.registry_check().checked_at > first.since);
  CHECK(p.registry_check().since == first.since);
  // The public routes have the contract's fields only.
  const json shown = p.get("getHealth").second.at("checks").at("registry");
  CHECK_FALSE(shown.contains("since"));
  CHECK_FALSE(shown.contains("trouble"));
  api::AdminStatus status;
  complete(p.parts, status);
  CHECK(status.to_json().at("checks").at("registry").at("since") == first.since);
  CHECK(status.to_json().at("checks").at("registry").at("trouble") == first.trouble);
}

TEST_CASE("readiness: a registry that was read, and no shutdown") {
  Probed p;
  p.probes.start();
  REQUIRE(p.wait_status("up"));
  CHECK(p.get("getReadiness").first == 200);
  p.registry_ready = false;
  CHECK(p.get("getReadiness").second.at("code") == "BACKEND_UNAVAILABLE");
  p.registry_ready = true;
  p.leaving = true;
  CHECK(p.get("getReadiness").first == 503);
  CHECK(p.get("getReadiness").second.at("code") == "SHUTTING_DOWN");
  CHECK(p.get("getHealth").first == 200);  // it serves what comes until it is gone
  p.leaving = false;
  CHECK(p.get("getReadiness").first == 200);
  p.parts.shutting_down.store(true);
  auto [status, body] = p.get("getReadiness");
  CHECK(status == 503);
  CHECK(body.at("code") == "SHUTTING_DOWN");
  CHECK(p.get("getLiveness").first == 200);
}

TEST_CASE("status and version") {
  Probed p;
  auto [status, body] = p.get("getStatus");
  CHECK(status == 200);
  CHECK(body.at("network").at("node_id") == "node_a");
  CHECK(body.at("network").at("connected") == true);
  CHECK(body.at("network").at("peer_count") == 0);
  CHECK(body.at("network").at("database_size") == 77);
  CHECK(body.at("network").at("peer_id") == "12D3KooWone");
  CHECK(body.at("network").at("ipfs").at("swarm_addresses") ==
        json::array({"/ip4/10.0.0.1/tcp/4001"}));
  CHECK_FALSE(body.at("network").contains("ipfs_cluster"));  // none on this node
  CHECK(body.at("checks").contains("registry"));
  auto [version_status, version] = p.get("getVersion");
  CHECK(version_status == 200);
  CHECK(version.at("version") == build_info().version);
  for (const char* key : {"commit", "build_time", "started_at", "uptime"}) {
    CHECK(version.at(key).is_string());
  }
}

TEST_CASE("a poke looks at once") {
  Probed p;
  Probes slow(p.context, p.clock, p.make_probes(), Log::discard(), 1h);
  slow.start();
  const auto wait = [&](const std::string& status) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (slow.checks()->at("registry").status != status &&
           std::chrono::steady_clock::now() < until) {
      p.context.restart();
      p.context.run_one_for(20ms);
    }
    return slow.checks()->at("registry").status == status;
  };
  REQUIRE(wait("up"));
  p.registry.go(Errc::unreachable);
  slow.poke();
  CHECK(wait("down"));
}

TEST_CASE("the mesh address is on this host or it is not") {
  CHECK(has_address(*mesh::IpAddress::parse("127.0.0.1")).ok());
  auto absent = has_address(*mesh::IpAddress::parse("192.0.2.77"));
  REQUIRE(!absent.ok());
  CHECK(absent.error().code == Errc::not_found);
}

}  // namespace
}  // namespace orama::gateway::health
