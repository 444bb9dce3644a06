#include "gateway/cluster/cluster_create.h"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/api/cluster.h"
#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/membership_rows.h"
#include "gateway/cluster/migrations.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/cluster/founding_request.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::SqliteRegistry;
using backends::Statement;
using tests::founding_request;
using tests::run;

struct Migrated {
  tests::TemporaryFolder folder;
  asio::io_context context;
  SqliteRegistry registry{folder.file("r.sqlite"), "node_a"};
  Migrated() { REQUIRE(run(context, migrate(&registry, embedded_migrations())).ok()); }

  Result<Founding> create(api::ClusterCreate request) {
    return run(context, create_cluster(&registry, std::move(request), WallTime()));
  }
  MembershipState state() {
    auto rows = run(context, registry.query(load_statement(), Consistency::weak));
    REQUIRE(rows.ok());
    auto state = read_membership(*rows);
    REQUIRE(state.ok());
    return *state;
  }
};

TEST_CASE("a cluster is founded once, with its node, its changes and its version") {
  Migrated m;
  CHECK(!m.state().cluster);
  auto created = m.create(founding_request());
  REQUIRE(created.ok());
  CHECK(*created == Founding::created);
  const MembershipState state = m.state();
  REQUIRE(state.cluster);
  CHECK(state.cluster->id == "cluster_a");
  CHECK(state.cluster->generation == 1);
  REQUIRE(state.nodes.size() == 1);
  CHECK(state.nodes[0].state == "ready");
  CHECK(state.nodes[0].voter);
  CHECK(state.nodes[0].endpoints == std::vector<std::string>{"203.0.113.11:51820"});
  CHECK(state.nodes[0].roles == std::vector<std::string>{"nameserver"});
  CHECK(state.version == 1);
  CHECK(state.last_seq == 2);
}

TEST_CASE("the very same request again changes nothing") {
  Migrated m;
  REQUIRE(m.create(founding_request()).ok());
  auto again = m.create(founding_request());
  REQUIRE(again.ok());
  CHECK(*again == Founding::stood_already);
  CHECK(m.state().version == 1);
  CHECK(m.state().last_seq == 2);
}

TEST_CASE("any difference is another cluster") {
  const std::vector<std::function<void(api::ClusterCreate&)>> edits = {
      [](auto& r) { r.id = "cluster_b"; },
      [](auto& r) { r.name = "other"; },
      [](auto& r) { r.base_domain = "example.org"; },
      [](auto& r) { r.mesh_cidr = *mesh::Cidr::parse("10.1.0.0/24"); },
      [](auto& r) { r.node.id = "node_b"; },
      [](auto& r) { r.node.name = "node2"; },
      [](auto& r) { r.node.mesh_ip = *mesh::IpAddress::parse("10.0.0.2"); },
      [](auto& r) { r.node.wg_public_key = "other"; },
      [](auto& r) { r.node.node_key = "other"; },
      [](auto& r) { r.node.endpoints.clear(); },
      [](auto& r) { r.node.roles.clear(); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    CAPTURE(i);
    Migrated m;
    REQUIRE(m.create(founding_request()).ok());
    api::ClusterCreate other = founding_request();
    edits[i](other);
    auto refused = m.create(other);
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().message.find("cluster_a") != std::string::npos);
    CHECK(m.state().nodes.size() == 1);
    CHECK(m.state().version == 1);
  }
}

TEST_CASE("a registry that holds a node, but no cluster, is not founded") {
  Migrated m;
  std::vector<Statement> node;
  node.emplace_back(
      "INSERT INTO nodes (id, name, mesh_ip, wg_public_key, node_key, endpoints, roles, state, "
      "voter, "
      "changed_at) VALUES ('node_x', 'x', '10.0.0.9', 'w', 'k', '[]', '[]', 'removed', 0, 0)");
  REQUIRE(run(m.context, m.registry.execute(std::move(node))).ok());
  auto refused = m.create(founding_request());
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  const MembershipState state = m.state();
  CHECK(!state.cluster);
  CHECK(state.nodes.size() == 1);
  CHECK(state.version == 0);
  CHECK(state.last_seq == 0);
}

TEST_CASE("of two that found at once one wins and the other is told") {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    Migrated m;
    std::array<Errc, 2> outcome{};  // failed: created
    std::vector<std::thread> callers;
    callers.reserve(outcome.size());
    for (std::size_t i = 0; i < outcome.size(); ++i) {
      callers.emplace_back([&m, &outcome, i] {
        asio::io_context context;
        SqliteRegistry registry(m.folder.file("r.sqlite"), "n");
        api::ClusterCreate request = founding_request();
        request.id += std::to_string(i);
        auto result = run(context, create_cluster(&registry, request, WallTime()));
        outcome[i] = result.ok() ? Errc::failed : result.error().code;
      });
    }
    for (std::thread& caller : callers) {
      caller.join();
    }
    CHECK((outcome[0] == Errc::conflict) != (outcome[1] == Errc::conflict));
    CHECK(m.state().nodes.size() == 1);
  }
}

}  // namespace
}  // namespace orama::gateway::cluster
