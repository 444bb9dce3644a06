#include "gateway/cluster/routes.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/cluster/membership.h"
#include "gateway/http/api_error.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"
#include "tests/unit/gateway/cluster/founding_request.h"
#include "tests/unit/gateway/cluster/node_gateway.h"

namespace orama::gateway::cluster {
namespace {

using http::ApiCode;
using http::ApiError;
using http::HandlerResult;
using http::Response;
using nlohmann::json;

struct Base : tests::EmptyRegistry {
  SystemClock clock;
};

struct Served : Base, tests::NodeGateway {
  RouteParts parts{registry,
                   membership,
                   desired,
                   report,
                   view,
                   clock,
                   Log::discard(),
                   *mesh::Cidr::parse("10.0.0.0/24"),
                   [](api::AdminStatus& status) {
                     status.version = "1.2.3";
                     status.started_at = status.uptime = "t";
                   },
                   nullptr};
  http::RouteTable routes;

  Served() : NodeGateway(context, sqlite, folder, clock) { add_routes(routes, parts); }

  void start() {
    membership.start();
    REQUIRE(wait([this] { return membership.touch()->in_touch; }));
  }
  HandlerResult call(std::string_view operation, std::string_view body = "",
                     std::string_view query = "") {
    return NodeGateway::call(routes, operation, body, query);
  }
  HandlerResult found(const json& body) { return call("adminClusterCreate", body.dump()); }
};

int status_of(const HandlerResult& result) {
  const auto* response = std::get_if<Response>(&result);
  return response != nullptr ? response->status
                             : http::http_status(std::get<ApiError>(result).code);
}

json body_of(const HandlerResult& result) {
  return json::parse(std::get<Response>(result).body);
}

TEST_CASE("who may call what") {
  const Served s;
  for (const http::Route& route : s.routes) {
    const std::string_view operation = route.operation_id;
    CAPTURE(operation);
    if (operation == "tlsCheck") {
      CHECK(route.caller == http::Caller::local);
    } else if (operation == "adminStatus" || operation == "adminNodeList") {
      CHECK(route.caller == http::Caller::admin);
    } else {
      CHECK(route.caller == http::Caller::admin_root);
    }
  }
}

TEST_CASE("founding: 201, then 200 for the same, 409 for another") {
  Served s;
  s.start();
  const json request = tests::founding_request().to_json();
  CHECK(status_of(s.found(request)) == 201);
  CHECK(status_of(s.found(request)) == 200);
  json other = request;
  other["name"] = "another name";
  const HandlerResult refused = s.found(other);
  CHECK(status_of(refused) == 409);
  CHECK(std::get<ApiError>(refused).code == ApiCode::conflict);
}

TEST_CASE("founding: a wrong field is named") {
  Served s;
  s.start();
  struct Case {
    const char* pointer;
    json value;
    std::string_view field;
  };
  const std::vector<Case> cases = {
      {"/id", nullptr, "id"},
      {"/id", "no spaces", "id"},
      {"/id", "cluster_b", "id"},  // not the one of this gateway's configuration
      {"/base_domain", "single", "base_domain"},
      {"/mesh_cidr", "8.8.8.0/24", "mesh_cidr"},
      {"/mesh_cidr", "10.0.0.0/25", "mesh_cidr"},
      {"/node", json::array(), "node"},
      {"/node/id", "node_b", "node.id"},
      {"/node/name", "UPPER", "node.name"},
      {"/node/mesh_ip", "10.0.1.1", "node.mesh_ip"},
      {"/node/mesh_ip", "10.0.0.2", "node.mesh_ip"},
      {"/node/wg_public_key", "AAAA", "node.wg_public_key"},
      {"/node/node_key", "AAAA", "node.node_key"},
      {"/node/endpoints", {"127.0.0.1:51820"}, "node.endpoints"},
      {"/node/endpoints", {"203.0.113.11"}, "node.endpoints"},
      {"/node/roles", {"king"}, "node.roles"},
  };
  for (const Case& c : cases) {
    json request = tests::founding_request().to_json();
    request[json::json_pointer(c.pointer)] = c.value;
    CAPTURE(request.dump());
    const HandlerResult refused = s.found(request);
    REQUIRE(status_of(refused) == 400);
    const ApiError& error = std::get<ApiError>(refused);
    CHECK(error.code == ApiCode::validation_failed);
    CHECK(error.details.at("field") == c.field);
  }
  CHECK(status_of(s.call("adminClusterCreate", "{")) == 400);
  CHECK(!s.membership.state()->cluster);
}

TEST_CASE("founding: 503 when nothing was applied, 504 when nobody knows") {
  Served early;
  const json request = tests::founding_request().to_json();
  CHECK(status_of(early.found(request)) == 503);  // no schema yet
  Served s;
  s.start();
  for (const auto& [code, status] :
       {std::pair(Errc::unreachable, 503), {Errc::quorum_refused, 503}, {Errc::timeout, 504}}) {
    s.registry.go(code);
    const HandlerResult refused = s.found(request);
    CHECK(status_of(refused) == status);
    CHECK(std::get<ApiError>(refused).details.at("backend") == "registry");
  }
}

TEST_CASE("desired: held, given, refused, and never a failure of the registry") {
  Served s;
  CHECK(status_of(s.call("adminDesired", "", "since=-1")) == 400);
  CHECK(status_of(s.call("adminDesired", "", "since=1x")) == 400);
  api::Desired desired;
  desired.version = 4;
  desired.mesh_cidr = "10.0.0.0/24";
  REQUIRE(s.desired.publish(desired));
  HandlerResult early = s.call("adminDesired");
  REQUIRE(status_of(early) == 200);
  CHECK(body_of(early).at("version") == 4);
  CHECK(body_of(early).at("stale") == true);  // the registry was never read
  s.start();
  CHECK(body_of(s.call("adminDesired")).at("stale") == true);  // it holds no cluster: emptied
  REQUIRE(status_of(s.found(tests::founding_request().to_json())) == 201);
  REQUIRE(s.wait([&s] { return s.membership.state()->cluster.has_value(); }));
  CHECK(body_of(s.call("adminDesired", "", "since=3")).at("stale") == false);
  s.desired.close();
  const HandlerResult nothing = s.call("adminDesired", "", "since=4");
  CHECK(status_of(nothing) == 204);
  CHECK(std::get<Response>(nothing).body.empty());
}

TEST_CASE("actual: kept, and shown with the node") {
  Served s;
  s.start();
  REQUIRE(status_of(s.found(tests::founding_request().to_json())) == 201);
  json actual = {{"version", 1},
                 {"peers", json::array()},
                 {"units",
                  {{{"name", "orama-rqlite.service"},
                    {"active", "active"},
                    {"since", nullptr},
                    {"restart_pending", false}}}},
                 {"disk", {{"free", 5}, {"total", 10}}},
                 {"packages", {{"orama", "0.1.0"}, {"components", ""}}},
                 {"time", "2026-11-24T00:00:00Z"}};
  CHECK(status_of(s.call("adminActual", actual.dump())) == 200);
  actual["disk"]["free"] = -1;
  const HandlerResult refused = s.call("adminActual", actual.dump());
  CHECK(status_of(refused) == 400);
  CHECK(std::get<ApiError>(refused).details.at("field") == "disk.free");

  REQUIRE(s.wait([&s] { return s.membership.state()->cluster.has_value(); }));
  const json nodes = body_of(s.call("adminNodeList"));
  REQUIRE(nodes.at("count") == 1);
  CHECK(nodes["nodes"][0]["actual"]["units"][0]["name"] == "orama-rqlite.service");
  CHECK(nodes["nodes"][0]["actual"]["disk"]["free"] == 5);
  const json status = body_of(s.call("adminStatus"));
  CHECK(status.at("cluster").at("id") == "cluster_a");
  CHECK(status.at("version") == "1.2.3");
  CHECK(api::AdminStatus::from_json(status).ok());
}

TEST_CASE("tlsCheck") {
  Served s;
  struct Case {
    std::string_view query;
    int status;
  };
  for (const Case& c : std::vector<Case>{{"domain=node1.example.com", 200},
                                         {"domain=NODE1.Example.COM.", 200},
                                         {"domain=other.example.com", 403},
                                         {"domain=", 400},
                                         {"", 400},
                                         {"domain=not%20a%20name", 400},
                                         {"domain=localhost", 400}}) {
    CAPTURE(c.query);
    const HandlerResult result = s.call("tlsCheck", "", c.query);
    CHECK(status_of(result) == c.status);
    if (c.status == 200) {
      CHECK(std::get<Response>(result).body.empty());
    }
  }
}

}  // namespace
}  // namespace orama::gateway::cluster
