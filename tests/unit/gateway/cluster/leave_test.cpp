#include "gateway/cluster/leave.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/http/awaitable.h"
#include "tests/support/run_awaitable.h"
#include "tests/unit/gateway/cluster/founded_cluster.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;
using tests::FoundedCluster;
using tests::run;

// An engine with votes, before one without.
class Voting final : public backends::Registry {
 public:
  explicit Voting(backends::Registry& behind) : behind_(behind) {}
  std::vector<std::string> voters;

  std::string_view engine() const override { return behind_.engine(); }
  Awaitable<Result<backends::Rows>> query(backends::Statement statement,
                                          backends::Consistency consistency) override {
    return behind_.query(std::move(statement), consistency);
  }
  Awaitable<Result<std::vector<std::int64_t>>> execute(
      std::vector<backends::Statement> statements) override {
    return behind_.execute(std::move(statements));
  }
  Awaitable<Result<void>> ping() override { return behind_.ping(); }
  Awaitable<Result<backends::RegistryState>> state() override {
    backends::RegistryState state;
    state.leader_id = voters.empty() ? "" : voters.back();
    state.voters = state.voters_up = static_cast<int>(voters.size());
    for (const std::string& id : voters) {
      state.members[id] = {true, true};
    }
    co_return state;
  }

 private:
  backends::Registry& behind_;
};

// node_a, that leaves, and node2.
struct Leaving {
  FoundedCluster c;
  Voting registry{c.registry};
  SystemClock clock;
  Membership membership{c.context, registry, clock, Log::discard(), {5ms}};
  RegistryWatch watch{c.context, registry, Log::discard(), 5ms};
  std::int64_t requests = 0;
  std::string other;
  std::vector<std::string> states;  // of node_a, as requests were looked at
  Leave leave{{registry, membership, watch, clock, Log::discard(), "node_a",
               [this] { return look(); }, 400ms, 300ms}};

  Leaving() {
    c.invite("node2");
    const Redeemed node = c.granted("node2", "node2");
    c.now += 1;
    REQUIRE(c.confirm(node, "node2").ok());
    other = node.node_id;
    registry.voters = {"node_a"};
    membership.start();
    watch.start();
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (watch.state()->leader_id.empty() && std::chrono::steady_clock::now() < until) {
      c.context.restart();
      c.context.run_one_for(5ms);
    }
  }
  std::int64_t look() {
    states.push_back(state_of("node_a"));
    return requests;
  }
  std::string state_of(const std::string& id) {
    const MembershipState state = c.state();
    return state.find(id)->state;
  }
};

TEST_CASE("the vote goes first, and only then the node") {
  Leaving l;
  const auto waiting = run(l.c.context, l.leave.run());
  REQUIRE_FALSE(waiting.ok());
  CHECK(waiting.error().code == Errc::timeout);
  CHECK(waiting.error().hint.find("orama leave") != std::string::npos);
  CHECK(l.state_of("node_a") == "leaving");
  CHECK_FALSE(l.c.state().find("node_a")->voter);
  CHECK(l.c.state().find(l.other)->voter);  // which its agent now asks for
  const auto version = l.c.state().version;
  l.registry.voters = {"node_a", l.other};  // not enough: it votes still
  CHECK(run(l.c.context, l.leave.run()).error().code == Errc::timeout);
  CHECK(l.c.state().version == version);  // what was begun is not begun again
  l.registry.voters = {l.other};
  REQUIRE(run(l.c.context, l.leave.run()).ok());
  CHECK(l.state_of("node_a") == "removed");
  CHECK(l.c.state().join_key == "");              // for the other to make
  REQUIRE(run(l.c.context, l.leave.run()).ok());  // typed once more
}

TEST_CASE("requests that run are let end, but not for ever") {
  Leaving l;
  l.registry.voters = {l.other};
  l.requests = 1;
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(run(l.c.context, l.leave.run()).ok());
  CHECK(std::chrono::steady_clock::now() - began >= 400ms);
  CHECK(l.state_of("node_a") == "removed");
  REQUIRE_FALSE(l.states.empty());
  for (const std::string& state : l.states) {
    CHECK(state == "leaving");  // nothing was removed under a running request
  }
}

}  // namespace
}  // namespace orama::gateway::cluster
