#include "gateway/cluster/moved_endpoints.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/node_update.h"
#include "gateway/cluster/peer_reports.h"
#include "gateway/cluster/redemption.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using tests::FoundedCluster;
using tests::run;

constexpr const char* kNew = "198.51.100.7:51820";

mesh::Cidr range() {
  return *mesh::Cidr::parse("10.0.0.0/24");
}

NodeRow row(const std::string& id, std::vector<std::string> endpoints) {
  NodeRow node;
  node.id = id;
  node.state = "ready";
  node.endpoints = std::move(endpoints);
  return node;
}

// a, b, c; c is registered at 203.0.113.3.
MembershipState three() {
  MembershipState state;
  state.nodes = {row("a", {"203.0.113.1:51820"}), row("b", {"203.0.113.2:51820"}),
                 row("c", {"203.0.113.3:51820", "[2001:db8::3]:51820"})};
  return state;
}

api::Actual hears(const std::string& id, const std::string& endpoint,
                  std::optional<std::string> handshake = "2026-11-28T11:59:00Z") {
  api::Actual actual;
  actual.time = "2026-11-28T12:00:00Z";
  actual.peers = {{id, std::move(handshake), 100, 100, endpoint}};
  return actual;
}

std::size_t moves(const Reports& reports, const MembershipState& state = three()) {
  return moved_endpoints(state, reports, range()).size();
}

TEST_CASE("two members that hear a node at the same new address move it, one does not") {
  CHECK(moves({{"a", hears("c", kNew)}}) == 0);
  const auto moved =
      moved_endpoints(three(), {{"a", hears("c", kNew)}, {"b", hears("c", kNew)}}, range());
  REQUIRE(moved.size() == 1);
  CHECK(moved[0].node_id == "c");
  CHECK(moved[0].before == three().nodes[2].endpoints);
  CHECK(moved[0].after == std::vector<std::string>{kNew, "[2001:db8::3]:51820"});
}

TEST_CASE("what is no move") {
  const auto two = [](const std::string& first, const std::string& second) {
    return Reports{{"a", hears("c", first)}, {"b", hears("c", second)}};
  };
  CHECK(moves(two(kNew, "198.51.100.8:51820")) == 0);              // not the same
  CHECK(moves(two(kNew, "203.0.113.3:51820")) == 0);               // one hears it where it was
  CHECK(moves(two("203.0.113.3:4711", "203.0.113.3:4711")) == 0);  // a port of its NAT
  CHECK(moves(two("10.0.0.3:51820", "10.0.0.3:51820")) == 0);      // inside of the mesh
  CHECK(moves(two("127.0.0.1:51820", "127.0.0.1:51820")) == 0);
  CHECK(moves(two("169.254.3.3:51820", "169.254.3.3:51820")) == 0);
  CHECK(moves(two("", "")) == 0);
  CHECK(moves(two("x; rm -rf /:1", "x; rm -rf /:1")) == 0);
  // Of itself a node says nothing that counts.
  CHECK(moves({{"a", hears("c", kNew)}, {"c", hears("c", kNew)}}) == 0);
  MembershipState leaving = three();
  leaving.nodes[2].state = "leaving";
  CHECK(moves(two(kNew, kNew), leaving) == 0);
}

TEST_CASE("a handshake counts for three minutes of the reporter's own clock") {
  const auto with = [](std::optional<std::string> handshake) {
    return moves({{"a", hears("c", kNew)}, {"b", hears("c", kNew, std::move(handshake))}});
  };
  CHECK(with("2026-11-28T11:57:00.001Z") == 1);
  CHECK(with("2026-11-28T11:57:00Z") == 0);
  CHECK(with(std::nullopt) == 0);
  CHECK(with("yesterday") == 0);
  // Old news of where it was holds nobody back.
  Reports reports = {{"a", hears("c", kNew)},
                     {"b", hears("c", kNew)},
                     {"d", hears("c", "203.0.113.3:51820", "2026-11-28T11:00:00Z")}};
  CHECK(moves(reports) == 1);
}

TEST_CASE("where a node was heard all along is no news, whatever an operator has written since") {
  MembershipState state = three();
  KnownAddresses known;
  learn_addresses(state, {}, known);
  const Reports before = {{"a", hears("c", "203.0.113.3:51820")},
                          {"b", hears("c", "203.0.113.3:1")}};
  const Reports after = {{"a", hears("c", kNew)}, {"b", hears("c", kNew)}};
  const auto news = [&](const Reports& reports) {
    return only_news(moved_endpoints(state, reports, range()), known).size();
  };
  CHECK(news(after) == 0);  // at the first look nothing is
  learn_addresses(state, before, known);
  learn_addresses(state, after, known);
  CHECK(news(after) == 1);
  state.nodes[2].endpoints = {"203.0.113.77:51820"};  // set-address; it sends as before
  learn_addresses(state, before, known);
  CHECK(moved_endpoints(state,
                        {{"a", hears("c", "203.0.113.3:1")}, {"b", hears("c", "203.0.113.3:1")}},
                        range())
            .size() == 1);
  CHECK(news({{"a", hears("c", "203.0.113.3:1")}, {"b", hears("c", "203.0.113.3:1")}}) == 0);
}

TEST_CASE("the row follows what two members report, once, and goes on the list of changes") {
  FoundedCluster c;
  std::vector<std::string> ids;
  for (const char* host : {"node2", "node3"}) {
    c.invite(host);
    const Redeemed node = c.granted(host, host);
    REQUIRE(c.confirm(node, host).ok());
    ids.push_back(node.node_id);
  }
  const auto version = c.state().version;
  SystemClock clock;
  Membership membership(c.context, c.registry, clock, Log::discard(), {5ms});
  NodeReport own(clock);
  PeerReports peers(clock);
  EndpointWatch watch({c.context, c.registry, membership, own, peers, clock, Log::discard(),
                       "node_a", c.range, 5ms});
  membership.start();
  watch.start();
  const auto wait = [&c](const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + 500ms;
    while (!condition() && std::chrono::steady_clock::now() < limit) {
      c.context.restart();
      c.context.run_one_for(5ms);
    }
  };
  // First where it was, for as long as some looks take.
  own.receive(hears(ids[1], "203.0.113.20:51820"));
  peers.receive(ids[0], hears(ids[1], "203.0.113.20:51820"));
  wait([] { return false; });
  CHECK(c.state().version == version);
  own.receive(hears(ids[1], kNew));
  peers.receive(ids[0], hears(ids[1], kNew));
  const auto until = std::chrono::steady_clock::now() + 20s;
  const std::vector<std::string> wanted = {kNew};
  const auto endpoints = [&] { return membership.state()->find(ids[1]); };
  while ((endpoints() == nullptr || endpoints()->endpoints != wanted) &&
         std::chrono::steady_clock::now() < until) {
    c.context.restart();
    c.context.run_one_for(5ms);
  }
  CHECK(c.state().find(ids[1])->endpoints == wanted);
  CHECK(c.state().version == version + 1);
  // The same finding of another gateway, a moment later.
  const auto late = run(c.context, move_endpoints(&c.registry, ids[1], {"203.0.113.20:51820"},
                                                  {"198.51.100.9:51820"}, c.now));
  CHECK_FALSE(late.value());
  CHECK(c.state().version == version + 1);
}

}  // namespace
}  // namespace orama::gateway::cluster
