#include "gateway/cluster/redemption.h"

#include <chrono>
#include <cstddef>
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
#include "gateway/http/api_error.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/gateway/cluster/founding_request.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::SqliteRegistry;
using backends::Statement;
using backends::Value;
using http::ApiCode;
using tests::founding_request;
using tests::run;

constexpr std::int64_t kHour = std::chrono::milliseconds(std::chrono::hours(1)).count();

// A founded cluster; `now` is the gateway's clock.
struct Cluster {
  tests::TemporaryFolder folder;
  asio::io_context context;
  SqliteRegistry registry{folder.file("r.sqlite"), "node_a"};
  std::int64_t now = 1'000'000;
  mesh::Cidr range = founding_request().mesh_cidr;

  Cluster() {
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
    auto outcome = run(context, cluster::redeem(&registry, std::move(r)));
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

TEST_CASE("an invitation makes one node, at the lowest free address") {
  Cluster c;
  c.invite("i1");
  const std::int64_t version = c.state().version;
  const Redeemed node = c.granted("i1", "node2");
  CHECK(node.now);
  CHECK(node.name == "node2");
  CHECK(node.mesh_ip == "10.0.0.2");
  const MembershipState state = c.state();
  CHECK(state.version == version + 1);
  REQUIRE(state.nodes.size() == 2);
  CHECK(c.invite_row("i1").state == "redeemed");
  CHECK(c.invite_row("i1").node == node.node_id);
}

TEST_CASE("the same host again gets the same node; any other is told that it is used") {
  Cluster c;
  c.invite("i1", kHour);
  const Redeemed node = c.granted("i1", "node2");
  c.now += 2 * kHour;  // also when the invitation has expired meanwhile
  const Redeemed again = c.granted("i1", "node2");
  CHECK_FALSE(again.now);
  CHECK(again.node_id == node.node_id);
  CHECK(again.mesh_ip == node.mesh_ip);
  CHECK(c.state().nodes.size() == 2);
  CHECK(c.refused(c.request("i1", "node3")).code == ApiCode::invite_used);
}

TEST_CASE("who does not know the secret learns nothing of the invitation's state") {
  Cluster c;
  c.invite("i1");
  for (const std::string id : {"i1", "none"}) {
    Redemption r = c.request(id, "node2");
    r.secret_hash = invite_hash("guessed");
    CHECK(c.refused(r).code == ApiCode::invite_unknown);
  }
  c.granted("i1", "node2");
  Redemption r = c.request("i1", "node3");
  r.secret_hash = invite_hash("guessed");
  CHECK(c.refused(r).code == ApiCode::invite_unknown);
}

TEST_CASE("an invitation holds until its time, not at it; and not once revoked") {
  Cluster c;
  c.invite("i1", 1000);
  c.invite("i2", 1000);
  c.now += 999;
  c.granted("i1", "node2");
  c.now += 1;
  const JoinRefused expired = c.refused(c.request("i2", "node3"));
  CHECK(expired.code == ApiCode::invite_expired);
  CHECK(expired.message.find("1970-01-01T00:16:41") != std::string::npos);
  c.invite("i3");
  REQUIRE(run(c.context, revoke_invite(&c.registry, "i3", c.now)).ok());
  REQUIRE(run(c.context, revoke_invite(&c.registry, "i3", c.now)).ok());
  CHECK(c.refused(c.request("i3", "node3")).code == ApiCode::invite_revoked);
  CHECK(run(c.context, revoke_invite(&c.registry, "i1", c.now)).error().code == Errc::conflict);
  CHECK(run(c.context, revoke_invite(&c.registry, "i9", c.now)).error().code == Errc::not_found);
}

TEST_CASE("a taken name or key is refused, and the invitation is not burnt by it") {
  Cluster c;
  c.invite("i1");
  c.granted("i1", "node2");
  c.invite("i2");
  Redemption name = c.request("i2", "node3");
  name.name = "node2";
  const JoinRefused taken = c.refused(name);
  CHECK(taken.code == ApiCode::node_exists);
  CHECK(taken.message.find("node2") != std::string::npos);
  Redemption key = c.request("i2", "node3");
  key.wg_public_key = "wg of node2";
  CHECK(c.refused(key).code == ApiCode::node_exists);
  CHECK(c.invite_row("i2").state == "pending");
  CHECK(c.granted("i2", "node3").mesh_ip == "10.0.0.3");
}

TEST_CASE("a removed node's keys are refused for good, its address for 24 hours") {
  Cluster c;
  c.invite("i1");
  const Redeemed node = c.granted("i1", "node2");
  REQUIRE(c.confirm(node, "node2").ok());
  c.set_state(node.node_id, "removed");
  c.invite("i2", 100 * kHour);
  CHECK(c.refused(c.request("i2", "node2")).code == ApiCode::node_exists);
  c.now += 24 * kHour - 1;
  CHECK(c.granted("i2", "node3").mesh_ip == "10.0.0.3");
  c.now += 1;
  c.invite("i3");
  CHECK(c.granted("i3", "node4").mesh_ip == "10.0.0.2");
}

TEST_CASE("a full range is said, at the last address and one past it") {
  Cluster c;
  c.range = mesh::Cidr::parse_mesh("10.0.0.0/28").value();
  for (int i = 2; i <= 14; ++i) {
    const std::string n = std::to_string(i);
    c.invite("i" + n);
    CHECK(c.granted("i" + n, "node" + n).mesh_ip == "10.0.0." + n);
  }
  c.invite("last");
  CHECK(c.refused(c.request("last", "late")).code == ApiCode::mesh_full);
  CHECK(c.invite_row("last").state == "pending");
}

TEST_CASE("a released host comes back as the same node at the same address") {
  Cluster c;
  c.invite("i1");
  const Redeemed node = c.granted("i1", "node2");
  REQUIRE(c.release(node, "node2").ok());
  REQUIRE(c.release(node, "node2").ok());
  CHECK(c.invite_row("i1").state == "pending");
  c.invite("i2");
  CHECK(c.granted("i2", "node3").mesh_ip == "10.0.0.3");  // .2 is kept for its holder
  const Redeemed back = c.granted("i1", "node2");
  CHECK(back.node_id == node.node_id);
  CHECK(back.mesh_ip == "10.0.0.2");
  CHECK(c.state().nodes.size() == 3);
}

TEST_CASE("after a day a released host gets the lowest free address") {
  Cluster c;
  c.invite("i1", 100 * kHour);
  const Redeemed node = c.granted("i1", "node2");
  REQUIRE(c.release(node, "node2").ok());
  c.now += 24 * kHour;
  c.invite("i2");
  CHECK(c.granted("i2", "node3").mesh_ip == "10.0.0.2");
  const Redeemed back = c.granted("i1", "node2");
  CHECK(back.node_id == node.node_id);
  CHECK(back.mesh_ip == "10.0.0.3");
}

TEST_CASE("confirm and release exclude each other, and each may be repeated") {
  Cluster c;
  c.invite("i1");
  const Redeemed node = c.granted("i1", "node2");
  CHECK(run(c.context, confirm_node(&c.registry, {node.node_id, "another key", c.now}))
            .error()
            .code == Errc::not_found);
  REQUIRE(c.confirm(node, "node2").ok());
  const std::int64_t version = c.state().version;
  REQUIRE(c.confirm(node, "node2").ok());
  CHECK(c.state().version == version);
  CHECK(c.invite_row("i1").state == "joined");
  CHECK(c.release(node, "node2").error().code == Errc::conflict);

  c.invite("i2");
  const Redeemed other = c.granted("i2", "node3");
  REQUIRE(c.release(other, "node3").ok());
  CHECK(c.confirm(other, "node3").error().code == Errc::conflict);
}

TEST_CASE("voters: one of two, then an odd number up to five") {
  Cluster c;
  const std::vector<int> expected = {1, 3, 3, 5, 5, 5};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string host = "node" + std::to_string(i + 2);
    c.invite(host);
    const Redeemed node = c.granted(host, host);
    c.now += 1;
    REQUIRE(c.confirm(node, host).ok());
    CHECK(c.voters() == expected[i]);
  }
}

}  // namespace
}  // namespace orama::gateway::cluster
