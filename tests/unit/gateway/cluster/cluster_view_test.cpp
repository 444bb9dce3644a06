#include "gateway/cluster/cluster_view.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_create.h"
#include "gateway/cluster/membership.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founding_request.h"
#include "tests/unit/gateway/cluster/node_gateway.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using tests::run;

class HeldClock final : public Clock {
 public:
  WallTime wall_now() const override { return WallTime(); }
  SteadyTime steady_now() const override { return SteadyTime() + now; }
  void sleep_for(std::chrono::milliseconds) override {}
  std::chrono::seconds now{1000};
};

OwnNode elsewhere() {
  OwnNode own = tests::own_node();
  own.domain = "host.example.net";
  return own;
}

struct Base : tests::EmptyRegistry {
  HeldClock clock;
};

struct Viewed : Base, tests::NodeGateway {
  Viewed() : NodeGateway(context, sqlite, folder, clock, elsewhere()) {
    membership.start();
    watch.start();
    REQUIRE(
        wait([this] { return membership.touch()->in_touch && !watch.state()->leader_id.empty(); }));
  }
  void found(api::ClusterCreate request = tests::founding_request()) {
    REQUIRE(run(context, create_cluster(&sqlite, std::move(request), WallTime())).ok());
    REQUIRE(wait([this] { return membership.state()->cluster.has_value(); }));
  }
  void receive_report() {
    api::Actual actual;
    actual.version = 1;
    actual.time = "2026-11-24T00:00:00Z";
    report.receive(std::move(actual));
  }
  bool misses(std::string_view text) const {
    for (const std::string& sentence : view.missing()) {
      if (sentence.find(text) != std::string::npos) {
        return true;
      }
    }
    return false;
  }
};

TEST_CASE("a founded node with its agent misses nothing") {
  Viewed v;
  CHECK(v.misses("cluster: the registry holds none, this node belongs to cluster_a"));
  CHECK(v.misses("agent: no report from orama-agent.service yet"));
  v.found();
  v.receive_report();
  CHECK(v.view.missing().empty());

  const auto nodes = v.view.nodes();
  REQUIRE(nodes.size() == 1);
  CHECK(nodes[0].up);
  CHECK(nodes[0].leader);
  CHECK(nodes[0].voter);
  CHECK(nodes[0].version == "0.3.0");
  REQUIRE(nodes[0].actual);

  const api::AdminStatus status = v.view.status();
  CHECK(status.cluster->id == "cluster_a");
  CHECK(status.nodes_total == 1);
  CHECK(status.nodes_up == 1);
  CHECK(status.registry.quorum);
  CHECK(status.registry.tolerates == 0);
  CHECK(status.registry.leader_id == "node_a");
}

TEST_CASE("what is marked to be rotated is in the status, with the name of who had it") {
  Viewed v;
  v.found();
  CHECK(v.view.status().rotate.empty());
  std::vector<backends::Statement> mark;
  mark.emplace_back("INSERT INTO secret_rotations VALUES ('olric-password', 1000, 'node_a')");
  mark.emplace_back("INSERT INTO changes (at, kind, id) VALUES (1, 'node', 'node_a')");
  REQUIRE(run(v.context, v.sqlite.execute(std::move(mark))).ok());
  REQUIRE(v.wait([&v] { return !v.membership.state()->rotations.empty(); }));
  const auto rotate = v.view.status().rotate;
  REQUIRE(rotate.size() == 1);
  CHECK(rotate[0].name == "olric-password");
  CHECK(rotate[0].node == "node1");
  CHECK(rotate[0].since == "1970-01-01T00:00:01.000Z");
}

TEST_CASE("an agent that went silent is named after half a minute") {
  Viewed v;
  v.found();
  v.receive_report();
  v.clock.now += 30s;
  CHECK(!v.misses("agent"));
  v.clock.now += 1s;
  CHECK(v.misses("agent: no report from orama-agent.service since"));
}

TEST_CASE("a registry that went away is named with its reason; there is no quorum") {
  Viewed v;
  v.found();
  v.registry.go(Errc::unreachable);
  REQUIRE(
      v.wait([&v] { return !v.membership.touch()->in_touch && v.watch.state()->voters_up == 0; }));
  CHECK(v.misses("registry: the test took it away"));
  CHECK(!v.view.status().registry.quorum);
  CHECK(v.view.status().registry.leader_id.empty());
  CHECK(v.view.status().cluster.has_value());
}

TEST_CASE("a gateway that starts without the registry knows the nodes of the saved state") {
  Viewed v;
  v.registry.go(Errc::unreachable);
  REQUIRE(v.wait([&v] { return !v.membership.touch()->in_touch; }));
  REQUIRE(v.view.nodes().empty());
  api::Desired saved;
  saved.version = 7;
  saved.peers.push_back({"node_b", "node2", "10.0.0.2", "key", {"203.0.113.12:51820"}});
  REQUIRE(v.desired.publish(saved));

  const auto nodes = v.view.nodes();
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[0].id == "node_a");
  CHECK(nodes[0].up);
  CHECK(nodes[1].name == "node2");
  CHECK(nodes[1].state == "ready");
  CHECK(!nodes[1].up);
  CHECK(v.view.status().nodes_total == 2);
  CHECK(v.view.status().nodes_up == 1);
  v.registry.come_back();
  REQUIRE(v.wait([&v] { return v.membership.touch()->in_touch; }));
  CHECK(v.view.nodes().empty());
}

TEST_CASE("a registry of another cluster, or without this node, is named") {
  SUBCASE("another cluster") {
    Viewed v;
    api::ClusterCreate other = tests::founding_request();
    other.id = "cluster_b";
    v.found(other);
    CHECK(v.misses("cluster: the registry holds cluster_b, this node belongs to cluster_a"));
  }
  SUBCASE("without this node") {
    Viewed v;
    api::ClusterCreate other = tests::founding_request();
    other.node.id = "node_b";
    v.found(other);
    CHECK(v.misses("the registry does not hold this node (node_a)"));
  }
  SUBCASE("emptied after this node was part of it") {
    Viewed v;
    api::Desired desired;
    desired.version = 1;
    REQUIRE(v.desired.publish(desired));
    CHECK(v.misses("was part of it before: its data is gone"));
  }
}

TEST_CASE(
    "certificates are for the node's own name and, while the registry is near, for registered "
    "ones") {
  Viewed v;
  CHECK(v.view.is_certificate_name("host.example.net"));
  CHECK(!v.view.is_certificate_name("node1.example.com"));
  v.found();
  CHECK(v.view.is_certificate_name("node1.example.com"));
  for (const std::string_view other :
       {"example.com", "example.net", "node2.example.com", "xnode1.example.com",
        "a.node1.example.com", "node1.example.com.evil.test"}) {
    CAPTURE(other);
    CHECK(!v.view.is_certificate_name(other));
  }
  v.registry.go(Errc::unreachable);
  REQUIRE(v.wait([&v] { return !v.membership.touch()->in_touch; }));
  v.clock.now += 60s;
  CHECK(v.view.is_certificate_name("node1.example.com"));
  v.clock.now += 1s;
  CHECK(!v.view.is_certificate_name("node1.example.com"));
  CHECK(v.view.is_certificate_name("host.example.net"));
}

}  // namespace
}  // namespace orama::gateway::cluster
