#include "gateway/cluster/redemption.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/invites.h"
#include "gateway/cluster/membership.h"
#include "gateway/http/api_error.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"

namespace orama::gateway::cluster {
namespace {

using backends::Value;
using http::ApiCode;
using tests::run;

using tests::FoundedCluster;
using tests::kHour;

TEST_CASE("an invitation makes one node, at the lowest free address") {
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
  FoundedCluster c;
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
