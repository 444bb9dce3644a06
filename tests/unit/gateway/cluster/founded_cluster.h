// A founded cluster in an SQLite registry, and hosts that redeem, confirm and are released, for the
// tests of this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "gateway/cluster/cluster_create.h"
#include "gateway/cluster/invites.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/membership_rows.h"
#include "gateway/cluster/migrations.h"
#include "gateway/cluster/redemption.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/cluster/founding_request.h"

namespace orama::tests {

using namespace gateway::cluster;
using gateway::backends::Consistency;
using gateway::backends::SqliteRegistry;
using gateway::backends::Statement;
using gateway::backends::Value;

inline constexpr std::int64_t kHour = std::chrono::milliseconds(std::chrono::hours(1)).count();

// A founded cluster; `now` is the gateway's clock.
struct FoundedCluster {
  TemporaryFolder folder;
  boost::asio::io_context context;
  SqliteRegistry registry{folder.file("r.sqlite"), "node_a"};
  std::int64_t now = 1'000'000;
  mesh::Cidr range = founding_request().mesh_cidr;

  FoundedCluster() {
    REQUIRE(run(context, migrate(&registry, embedded_migrations())).ok());
    REQUIRE(run(context, create_cluster(&registry, founding_request(), WallTime())).ok());
  }

  void invite(const std::string& id, std::int64_t ttl = kHour) {
    Invite invite;
    invite.id = id;
    invite.hash = invite_hash("secret of " + id);
    invite.created_by = "node_a";
    invite.created_at_ms = now;
    invite.expires_at_ms = now + ttl;
    REQUIRE(run(context, insert_invite(&registry, invite)).ok());
  }

  Redemption request(const std::string& invite, const std::string& host) {
    Redemption r;
    r.invite = invite;
    r.secret_hash = invite_hash("secret of " + invite);
    r.node_id = "node_" + host + "_" + std::to_string(++calls);
    r.node_key = "key of " + host;
    r.wg_public_key = "wg of " + host;
    r.name = host;
    r.endpoints = {"203.0.113.20:51820"};
    r.mesh_cidr = range;
    r.mark = "mark " + std::to_string(calls);
    r.now_ms = now;
    return r;
  }
  std::variant<Redeemed, JoinRefused> redeem(Redemption r) {
    auto outcome = run(context, gateway::cluster::redeem(&registry, std::move(r)));
    REQUIRE(outcome.ok());
    return *outcome;
  }
  Redeemed granted(const std::string& invite, const std::string& host) {
    const auto outcome = redeem(request(invite, host));
    if (const auto* no = std::get_if<JoinRefused>(&outcome)) {
      FAIL(std::string(no->message));
    }
    return std::get<Redeemed>(outcome);
  }
  JoinRefused refused(Redemption r) {
    const auto outcome = redeem(std::move(r));
    REQUIRE(std::holds_alternative<JoinRefused>(outcome));
    return std::get<JoinRefused>(outcome);
  }
  Result<void> confirm(const Redeemed& node, const std::string& host) {
    return run(context, confirm_node(&registry, {node.node_id, "key of " + host, now}));
  }
  Result<void> release(const Redeemed& node, const std::string& host) {
    return run(context, release_node(&registry, {node.node_id, "key of " + host, now}));
  }
  void set_state(const std::string& id, const std::string& state) {
    std::vector<Statement> statements;
    statements.emplace_back("UPDATE nodes SET state = ?, changed_at = ? WHERE id = ?",
                            std::vector<Value>{Value(state), Value(now), Value(id)});
    REQUIRE(run(context, registry.execute(std::move(statements))).ok());
  }
  MembershipState state() {
    auto rows = run(context, registry.query(load_statement(), Consistency::weak));
    REQUIRE(rows.ok());
    return read_membership(*rows).value();
  }
  Invite invite_row(const std::string& id) {
    return run(context, find_invite(&registry, id, Consistency::weak)).value().value();
  }
  int voters() {
    int count = 0;
    for (const NodeRow& node : state().nodes) {
      count += node.voter ? 1 : 0;
    }
    return count;
  }

  int calls = 0;
};

}  // namespace orama::tests
