#include "gateway/cluster/join.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/crypto/secret.h"
#include "common/join/exchange.h"
#include "common/join/messages.h"
#include "common/join/token.h"
#include "common/json.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/cluster/cluster_create.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/invites.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/redemption.h"
#include "gateway/http/api_error.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founding_request.h"
#include "tests/unit/gateway/cluster/node_gateway.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using http::ApiCode;
using nlohmann::json;
using tests::run;

struct Base : tests::EmptyRegistry {
  SystemClock clock;
  crypto::SystemRandom random;
};

// A founded cluster whose agent takes over each desired state at once.
struct Gateway : Base, tests::NodeGateway {
  crypto::KeyPair join_key = crypto::make_x25519(random);
  JoinKey keys{{"node_a", join_key, std::nullopt, Log::discard()}};
  Join join{{registry, membership, desired, report, view, clock, random, Log::discard(), keys}};
  std::int64_t heard_rx = 0;

  Gateway() : NodeGateway(context, sqlite, folder, clock) {
    membership.on_change([this] {
      keys.follow(*membership.state());
      if (auto next = derive_desired(*membership.state(), "node_a")) {
        desired.publish(std::move(*next));
        agent_reports();
      }
    });
    membership.start();
    REQUIRE(wait([this] { return membership.touch()->in_touch; }));
    REQUIRE(
        run(context, create_cluster(&registry, tests::founding_request(), clock.wall_now())).ok());
    REQUIRE(wait([this] { return membership.state()->cluster.has_value(); }));
  }
  void agent_reports() {
    api::Actual actual;
    const auto wanted = desired.current();
    actual.version = wanted->version;
    for (const auto& peer : wanted->peers) {
      actual.peers.push_back({peer.id, std::nullopt, heard_rx, 0, ""});
    }
    report.receive(std::move(actual));
  }
  join::JoinToken invite() {
    join::JoinToken token;
    token.invite = random.bytes(8);
    token.secret = crypto::Secret(random.bytes(16));
    token.join_key = join_key.public_key;
    Invite row;
    row.id = join::invite_id(token.invite);
    row.hash = invite_hash(token.secret.reveal());
    row.created_by = "node_a";
    row.expires_at_ms = 4'000'000'000'000;
    REQUIRE(run(context, insert_invite(&registry, row)).ok());
    return token;
  }
  Result<JoinReply> ask(const std::string& body) {
    return run(context, join.answer(parse_json(body).value(), "198.51.100.7"));
  }
};

struct Joiner {
  crypto::SystemRandom random;
  join::Request request;
  explicit Joiner(const std::string& name) {
    request.wg_public_key = crypto::to_base64(crypto::make_x25519(random).public_key);
    request.node_key = crypto::to_base64(crypto::make_ed25519(random).public_key);
    request.name = name;
    request.addresses = {"203.0.113.12"};
    request.wg_port = 51820;
    request.version = "0.2.5";
    request.arch = "amd64";
    request.time = "2026-11-28T00:00:00Z";
  }
  // The cluster's sealed answer to one call.
  join::Answer call(Gateway& gateway, const join::JoinToken& token) {
    const auto asked = join::seal_request(request, token, random).value();
    const auto reply = gateway.ask(asked.body);
    REQUIRE(reply.ok());
    REQUIRE(std::holds_alternative<std::string>(*reply));
    return join::open_answer(std::get<std::string>(*reply), asked, token).value();
  }
};

TEST_CASE("a host with a token gets its place, the peers and how it is heard") {
  Gateway gateway;
  const join::JoinToken token = gateway.invite();
  Joiner joiner("node2");
  const auto grant = std::get<join::Grant>(joiner.call(gateway, token));
  CHECK(grant.cluster_id == "cluster_a");
  CHECK(grant.node_name == "node2");
  CHECK(grant.mesh_ip.to_string() == "10.0.0.2");
  CHECK(grant.observed == "198.51.100.7");
  REQUIRE(grant.peers.size() == 1);
  CHECK(grant.peers[0].id == "node_a");
  CHECK_FALSE(grant.heard);
  gateway.heard_rx = 148;
  gateway.agent_reports();
  const auto again = std::get<join::Grant>(joiner.call(gateway, token));
  CHECK(again.node_id == grant.node_id);
  REQUIRE(again.heard);
  CHECK(again.heard->rx_bytes == 148);
}

TEST_CASE("a refusal is sealed for who knows the secret") {
  Gateway gateway;
  const join::JoinToken token = gateway.invite();
  Joiner first("node2");
  first.call(gateway, token);
  Joiner second("node3");
  const auto used = std::get<join::Refusal>(second.call(gateway, token));
  CHECK(used.code == "INVITE_USED");
  CHECK(used.status == 409);
  const join::JoinToken other = gateway.invite();
  second.request.version = "0.5.0";
  CHECK(std::get<join::Refusal>(second.call(gateway, other)).code == "VERSION_SKEW");
  second.request.version = "0.4.0";
  second.request.addresses = {"10.0.0.77"};
  const auto malformed = std::get<join::Refusal>(second.call(gateway, other));
  CHECK(malformed.code == "JOIN_MALFORMED");
  CHECK(malformed.message.find("addresses") != std::string::npos);
  second.request.addresses.clear();
  CHECK(std::holds_alternative<join::Grant>(second.call(gateway, other)));
}

TEST_CASE("who does not know the secret or the join key gets an open refusal and nothing else") {
  Gateway gateway;
  join::JoinToken token = gateway.invite();
  Joiner joiner("node2");
  joiner.request.version = "9.0.0";  // not even that is judged
  token.secret = crypto::Secret(std::string(16, 'g'));
  auto reply = gateway.ask(join::seal_request(joiner.request, token, joiner.random)->body);
  REQUIRE(reply.ok());
  CHECK(std::get<JoinRefused>(*reply).code == ApiCode::invite_unknown);
  token.join_key = crypto::make_x25519(joiner.random).public_key;
  reply = gateway.ask(join::seal_request(joiner.request, token, joiner.random)->body);
  CHECK(std::get<JoinRefused>(*reply).code == ApiCode::join_malformed);
  CHECK(std::get<JoinRefused>(*gateway.ask("{}")).code == ApiCode::join_malformed);
  CHECK(gateway.membership.state()->nodes.size() == 1);
}

TEST_CASE("a registry that cannot commit is said, sealed; one out of reach is an error") {
  Gateway gateway;
  const join::JoinToken token = gateway.invite();
  Joiner joiner("node2");
  gateway.registry.refuse_writes(Errc::quorum_refused);
  CHECK(std::get<join::Refusal>(joiner.call(gateway, token)).code == "QUORUM_LOST");
  gateway.registry.refuse_writes(Errc::unreachable);
  const auto asked = join::seal_request(joiner.request, token, joiner.random).value();
  CHECK(gateway.ask(asked.body).error().code == Errc::unreachable);
}

TEST_CASE("versions may be one minor apart") {
  CHECK_FALSE(version_skew("1.4.2", "1.4.0"));
  CHECK_FALSE(version_skew("1.4.2", "1.5.9"));
  CHECK_FALSE(version_skew("1.4.2", "1.3.0-rc1"));
  for (const char* other : {"1.6.0", "1.2.9", "2.4.2", "0.4.2", "", "1", "x.4", "1.x"}) {
    CAPTURE(other);
    CHECK(version_skew("1.4.2", other));
  }
}

TEST_CASE("who does not confirm in time is released; who does stays") {
  Gateway gateway;
  Joiner late("node2"), good("node3");
  const auto late_grant = std::get<join::Grant>(late.call(gateway, gateway.invite()));
  const auto good_grant = std::get<join::Grant>(good.call(gateway, gateway.invite()));
  JoinSweep sweep(gateway.context, gateway.registry, gateway.membership, gateway.clock,
                  Log::discard(), 300ms);
  sweep.start();
  REQUIRE(run(gateway.context,
              confirm_node(&gateway.registry, {good_grant.node_id, good.request.node_key, 1}))
              .ok());
  const auto state_of = [&](const std::string& id) {
    for (const NodeRow& node : gateway.membership.state()->nodes) {
      if (node.id == id) {
        return node.state;
      }
    }
    return std::string();
  };
  CHECK(gateway.wait([&] { return state_of(late_grant.node_id) == "released"; }));
  CHECK(state_of(good_grant.node_id) == "ready");
}

}  // namespace
}  // namespace orama::gateway::cluster
