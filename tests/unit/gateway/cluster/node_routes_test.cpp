// The HTTP edge of leaving, removing and changing nodes.
#include "gateway/cluster/node_routes.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/crypto/peer_id.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/leave.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/http/api_error.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"
#include "tests/support/state_registry.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"
#include "tests/unit/gateway/cluster/node_gateway.h"

namespace orama::gateway::cluster {
namespace {

using http::ApiCode;
using http::ApiError;
using nlohmann::json;
using tests::FoundedCluster;
using tests::NodeGateway;

struct Founded {
  FoundedCluster c;
  SystemClock clock;
  crypto::SystemRandom random;
};

// node_a's gateway, and node2 where it was asked to come.
struct Gateway : Founded, NodeGateway {
  Leave leave{{registry, membership, watch, clock, Log::discard(), "node_a", nullptr}};
  NodeRouteParts parts{registry, membership,     view,    watch, clock,
                       random,   Log::discard(), c.range, leave};
  http::RouteTable routes;
  std::string other;

  Gateway() : NodeGateway(c.context, c.registry, c.folder, clock) {
    add_node_routes(routes, parts);
    membership.start();
    watch.start();
    REQUIRE(
        wait([this] { return membership.state()->cluster && !watch.state()->leader_id.empty(); }));
  }
  void add_other() {
    c.invite("node2");
    const Redeemed node = c.granted("node2", "node2");
    REQUIRE(c.confirm(node, "node2").ok());
    other = node.node_id;
    REQUIRE(wait([this] {
      const auto state = membership.state();
      return state->find(other) != nullptr && state->find(other)->state == "ready";
    }));
  }
  http::HandlerResult call(std::string_view operation, const std::string& id,
                           std::string_view body = "", std::string_view query = "") {
    return NodeGateway::call(routes, operation, body, query, id);
  }
  ApiError refused(const http::HandlerResult& result) {
    REQUIRE(std::holds_alternative<ApiError>(result));
    return std::get<ApiError>(result);
  }
  json done(const http::HandlerResult& result) {
    if (const auto* error = std::get_if<ApiError>(&result)) {
      FAIL(std::string(error->message));
    }
    return json::parse(std::get<http::Response>(result).body);
  }
};

void other_node_is_refused(Gateway& g, const std::string& peer_id) {
  g.add_other();
  const ApiError taken = g.refused(
      g.call("adminNodeUpdate", g.other, json({{"engines", {{"ipfs", peer_id}}}}).dump()));
  CHECK(taken.code == ApiCode::node_exists);
  CHECK(taken.message.find(peer_id) != std::string::npos);
}

TEST_CASE("the only node cannot leave; one of two can where the other is up to take the vote") {
  Gateway g;
  CHECK(g.refused(g.call("adminLeave", "", "{}")).code == ApiCode::conflict);
  g.add_other();
  const ApiError alone = g.refused(g.call("adminLeave", "", "{}"));
  CHECK(alone.code == ApiCode::quorum_would_break);
  CHECK(alone.message.find("only voter") != std::string::npos);
  CHECK(alone.hint.find("--force") == std::string::npos);  // leaving knows none
  g.peers.set_up(g.other, true);
  const json plan = g.done(g.call("adminLeave", "", R"({"plan":true})"));
  CHECK(plan.at("voters_before") == 1);
  CHECK(plan.at("voters_after") == 1);
  CHECK(g.c.state().find("node_a")->state == "ready");
  g.done(g.call("adminLeave", "", "{}"));
  CHECK(g.c.state().find("node_a")->state == "removed");
  CHECK(g.c.state().join_key == "");
}

TEST_CASE("a registry out of reach is said, not counted as voters that are down") {
  Gateway g;
  g.add_other();
  g.peers.set_up(g.other, true);
  g.registry.go(Errc::unreachable);
  REQUIRE(g.wait([&g] { return !g.membership.touch()->in_touch; }));
  CHECK(g.refused(g.call("adminLeave", "", "{}")).code == ApiCode::backend_unavailable);
}

TEST_CASE("removing another node makes the join key anew and marks secrets") {
  Gateway g;
  g.add_other();
  CHECK(g.refused(g.call("adminNodeRemove", "node_a")).code == ApiCode::conflict);
  g.done(g.call("adminNodeRemove", g.other, "", "plan=1"));
  CHECK_FALSE(g.c.state().join_key);
  g.done(g.call("adminNodeRemove", g.other));
  const MembershipState state = g.c.state();
  CHECK(state.find(g.other)->state == "removed");
  REQUIRE(state.join_key);
  CHECK_FALSE(state.join_key->empty());
  CHECK_FALSE(state.find("node_a")->join_key_copy.empty());
  CHECK(state.find(g.other)->join_key_copy.empty());
  CHECK_FALSE(state.rotations.empty());
}

// The default database, in the middle of a change of its votes: two of them, the other node's one.
TEST_CASE(
    "a node is not removed while the database's other voters could not take it off the list") {
  Gateway g;
  g.add_other();
  backends::RegistryState state;
  state.leader_id = "node_a";
  state.voters = state.voters_up = 2;
  state.members = {{"node_a", {true, true}}, {g.other, {true, true}}};
  tests::StateRegistry database([&state]() -> Result<backends::RegistryState> { return state; });
  RegistryWatch watch(g.c.context, database, Log::discard(), std::chrono::milliseconds(5));
  g.parts.database = &watch;
  watch.start();
  REQUIRE(g.wait([&watch] { return watch.state()->voters == 2; }));
  const ApiError refused = g.refused(g.call("adminNodeRemove", g.other));
  CHECK(refused.code == ApiCode::quorum_would_break);
  CHECK(refused.message.find("the database default has 2 voters now") != std::string::npos);
  state.voters = state.voters_up = 1;
  state.members = {{"node_a", {true, true}}, {g.other, {false, true}}};
  REQUIRE(g.wait([&watch] { return watch.state()->voters == 1; }));
  CHECK(g.done(g.call("adminNodeRemove", g.other))["status"] == "ok");
}

TEST_CASE("roles and endpoints of a node are changed together, and judged first") {
  Gateway g;
  const auto endpoints = g.c.state().find("node_a")->endpoints;
  const ApiError bad = g.refused(
      g.call("adminNodeUpdate", "node_a", R"({"endpoints":["203.0.113.9:51820"],"roles":["x"]})"));
  CHECK(bad.code == ApiCode::validation_failed);
  CHECK(g.c.state().find("node_a")->endpoints == endpoints);
  g.done(g.call("adminNodeUpdate", "node_a", R"({"endpoints":["203.0.113.9:51820"],"roles":[]})"));
  CHECK(g.c.state().find("node_a")->endpoints == std::vector<std::string>{"203.0.113.9:51820"});
  CHECK(g.c.state().find("node_a")->roles.empty());
}

TEST_CASE("a node tells the peer ids of its engines, once; shape and owner are judged") {
  Gateway g;
  const std::string first = crypto::peer_id_of(std::string(32, 'a'));
  const std::string second = crypto::peer_id_of(std::string(32, 'b'));
  const std::string body = json({{"engines", {{"ipfs", first}, {"ipfs_cluster", second}}}}).dump();
  const json node = g.done(g.call("adminNodeUpdate", "node_a", body));
  CHECK(node.at("engines").at("ipfs") == first);
  CHECK(node.at("engines").at("ipfs_cluster") == second);
  const auto version = g.c.state().version;
  CHECK(g.done(g.call("adminNodeUpdate", "node_a", body)).at("engines") == node.at("engines"));
  CHECK(g.c.state().version == version);

  const ApiError shape =
      g.refused(g.call("adminNodeUpdate", "node_a", R"({"engines":{"ipfs_cluster":"QmNo"}})"));
  CHECK(shape.code == ApiCode::validation_failed);
  CHECK(json(shape.details).dump().find("engines.ipfs_cluster") != std::string::npos);
  CHECK(g.refused(g.call("adminNodeUpdate", "node_a", R"({"engines":[]})")).code ==
        ApiCode::validation_failed);

  other_node_is_refused(g, first);
}

}  // namespace
}  // namespace orama::gateway::cluster
