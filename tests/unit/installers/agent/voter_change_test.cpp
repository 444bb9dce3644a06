#include "installers/agent/voter_change.h"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

using installers::VoterChange;
using installers::VoterIntent;
namespace paths = installers::paths;

// Three nodes' registry: node_1 leads and votes; node_9 is the one under test.
struct Registry {
  FakeHost fake;
  std::map<std::string, bool> members = {{"node_1", true}, {"node_2", true}, {"node_9", false}};
  bool lock_is_free = true, others_up = true, second_up = true, remove_fails = false, joins = true;
  SteadyTime writes_from{};        // before it the lock cannot be given back
  std::vector<std::string> steps;  // what was done, in order
  std::string die_before;          // "stop", "remove", "start": the agent is killed there
  VoterChange votes{fake.host, installers::kRegistry};

  Registry() {
    fake.files.put("/etc/orama/secrets/agent-registry-password", "pw\n", {0600});
    fake.files.put_directory("/var/lib/orama/agent");
    fake.files.put_directory(paths::kRqliteData);
    FakeUnit unit;
    unit.active = "active";
    unit.on_run = [this] { started(); };
    fake.commands.add_unit(paths::kRqliteUnit, unit);
    fake.http.on_request([this](const HttpRequest& request) { return answer(request); });
  }
  void did(const std::string& step) {
    if (step == die_before) {
      throw std::runtime_error("killed before " + step);
    }
    steps.push_back(step);
  }
  // As rqlited does: a known member's join is ignored, an unknown one's is not.
  void started() {
    did("start");
    const std::string env = fake.files.content(paths::kRqliteJoinEnv);
    if (joins && !members.contains("node_9") && env.find("-join ") != std::string::npos) {
      members["node_9"] = env.find("-raft-non-voter") == std::string::npos;
    }
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    const bool local = request.url.starts_with("http://10.0.0.9:");
    if (request.url.find("/nodes") != std::string::npos) {
      if (fake.commands.unit(paths::kRqliteUnit).active != "active") {
        return make_error(Errc::unreachable, "refused");
      }
      nlohmann::json nodes = nlohmann::json::object();
      for (const auto& [id, voter] : members) {
        nodes[id] = {{"voter", voter},
                     {"leader", id == "node_1" && others_up},
                     {"reachable", id == "node_9" || (others_up && (id != "node_2" || second_up))}};
      }
      return HttpResponse{200, {}, nodes.dump()};
    }
    if (request.url.find("/remove") != std::string::npos) {
      CHECK_FALSE(local);
      if (!others_up) {
        return make_error(Errc::unreachable, "refused");
      }
      if (remove_fails) {
        return HttpResponse{500, {}, "leader not found"};
      }
      did("remove");
      members.erase("node_9");
      return HttpResponse{200, {}, ""};
    }
    if (request.body.find("SELECT 1") != std::string::npos) {
      CHECK_FALSE(local);  // its own registry is stopped
      CHECK_FALSE(members.contains("node_9"));
      return HttpResponse{200, {}, R"({"results":[{}]})"};
    }
    CHECK(local);
    const bool takes = request.body.find("INSERT INTO locks") != std::string::npos;
    if (!takes && fake.clock.steady_now() < writes_from) {
      return HttpResponse{503, {}, "leader not found"};
    }
    steps.push_back(takes ? "lock" : "unlock");
    return HttpResponse{
        200,
        {},
        takes && !lock_is_free ? R"({"results":[{}]})" : R"({"results":[{"rows_affected":1}]})"};
  }
  static api::Desired desired(bool voter) {
    api::Desired desired;
    desired.version = 4;
    desired.self = {"node_9", "web9", "10.0.0.9", voter, "ready"};
    desired.peers = {{"node_1", "a", "10.0.0.1", "k1", {}}, {"node_2", "b", "10.0.0.2", "k2", {}}};
    desired.rqlite_join = {"10.0.0.1:7001", "10.0.0.2:7001"};
    return desired;
  }
  bool at_rest() const {
    return !fake.files.exists(paths::kVoterIntent) && !fake.files.exists(paths::kRqliteJoinEnv) &&
           fake.commands.unit_snapshot().find(" active ") != std::string::npos;
  }
};

}  // namespace

TEST_CASE("a vote is given by stop, remove, join, under the lock; and taken in the same way") {
  Registry registry;
  REQUIRE(registry.votes.follow(Registry::desired(true)).ok());
  CHECK(registry.steps == std::vector<std::string>{"lock", "remove", "start", "unlock"});
  CHECK(registry.fake.commands.unit(paths::kRqliteUnit).stops == 1);
  CHECK(registry.members.at("node_9"));
  CHECK(registry.at_rest());
  REQUIRE(registry.votes.follow(Registry::desired(true)).ok());
  CHECK(registry.steps.size() == 4);  // nothing is left to do
  REQUIRE(registry.votes.follow(Registry::desired(false)).ok());
  CHECK_FALSE(registry.members.at("node_9"));
  CHECK(registry.at_rest());
}

TEST_CASE(
    "nothing is changed without the lock, a leader, another voter, or before the node is ready") {
  Registry registry;
  registry.lock_is_free = false;
  REQUIRE(registry.votes.follow(Registry::desired(true)).ok());
  CHECK(registry.steps == std::vector<std::string>{"lock"});
  registry.lock_is_free = true;
  registry.others_up = false;
  CHECK(registry.votes.follow(Registry::desired(true)).error().code == Errc::quorum_refused);
  registry.others_up = true;
  for (const char* state : {"redeemed", "leaving", "removed"}) {
    Registry other;
    api::Desired desired = Registry::desired(true);
    desired.self.state = state;
    REQUIRE(other.votes.follow(desired).ok());
    CHECK(other.steps.empty());
  }
  Registry stale;
  api::Desired desired = Registry::desired(true);
  desired.stale = true;
  REQUIRE(stale.votes.follow(desired).ok());
  CHECK(stale.steps.empty());
  CHECK(stale.votes.follow(api::Desired()).ok());
  REQUIRE(stale.fake.files.remove_file("/etc/orama/secrets/agent-registry-password").ok());
  CHECK(stale.votes.follow(Registry::desired(true)).ok());  // a joiner without its secrets yet
}

TEST_CASE("a vote is given up only where those that stay can write without it") {
  Registry registry;
  registry.members["node_9"] = true;
  registry.second_up = false;  // node_1 alone of two: neither could be taken off the list any more
  const auto refused = registry.votes.follow(Registry::desired(false));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::quorum_refused);
  CHECK(refused.error().message.find("of the 2 voters that would stay, 1 answer") !=
        std::string::npos);
  CHECK(registry.steps.empty());

  SUBCASE("a removed voter counts until it is off the list, also while it still answers") {
    registry.second_up = true;
    api::Desired desired = Registry::desired(false);
    desired.removed = {{"node_2", "k2"}};
    registry.fake.clock.sleep_for(std::chrono::seconds(11));
    REQUIRE(registry.votes.follow(desired).ok());
    CHECK(registry.steps.empty());
    registry.members.erase("node_2");
    REQUIRE(registry.votes.follow(desired).ok());  // at once, not after the pause between two looks
    CHECK(registry.steps == std::vector<std::string>{"lock", "remove", "start", "unlock"});
    CHECK_FALSE(registry.members.at("node_9"));
  }
}

TEST_CASE("killed anywhere in a change, the next agent completes it") {
  for (const char* where : {"remove", "start"}) {
    CAPTURE(where);
    Registry registry;
    registry.die_before = where;
    CHECK_THROWS(static_cast<void>(registry.votes.follow(Registry::desired(true))));
    CHECK(registry.fake.files.exists(paths::kVoterIntent));
    registry.die_before.clear();
    VoterChange next(registry.fake.host, installers::kRegistry);
    // Whatever is desired by now: what was begun is ended first.
    REQUIRE(next.follow(Registry::desired(false)).ok());
    CHECK(registry.members.at("node_9"));
    CHECK(registry.at_rest());
    REQUIRE(next.follow(Registry::desired(false)).ok());
    CHECK_FALSE(registry.members.at("node_9"));
    CHECK(registry.at_rest());
  }
}

TEST_CASE("when no member takes it off the list, the node's registry goes on as it was") {
  Registry registry;
  registry.remove_fails = true;
  const auto refused = registry.votes.follow(Registry::desired(true));
  REQUIRE_FALSE(refused.ok());
  CHECK_FALSE(registry.fake.files.exists(paths::kVoterIntent));
  CHECK(registry.fake.commands.unit(paths::kRqliteUnit).active == "active");
  CHECK(registry.fake.files.content(paths::kRqliteJoinEnv).find("-raft-non-voter") !=
        std::string::npos);  // its old role
  CHECK_FALSE(registry.members.at("node_9"));
  CHECK(registry.steps == std::vector<std::string>{"lock", "start", "unlock"});
  registry.remove_fails = false;
  REQUIRE(registry.votes.follow(Registry::desired(true)).ok());
  CHECK(registry.members.at("node_9"));
  CHECK(registry.at_rest());
}

TEST_CASE("the lock is given back as soon as the registry writes again, and else ends by itself") {
  Registry registry;
  registry.remove_fails = true;
  registry.writes_from = registry.fake.clock.steady_now() + std::chrono::seconds(3);
  REQUIRE_FALSE(registry.votes.follow(Registry::desired(true)).ok());
  CHECK(registry.steps.back() == "unlock");
  Registry never;
  never.remove_fails = true;
  const auto begun = never.fake.clock.steady_now();
  never.writes_from = begun + std::chrono::hours(1);
  const auto refused = never.votes.follow(Registry::desired(true));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("lock") != std::string::npos);
  CHECK(never.fake.clock.steady_now() - begun < std::chrono::seconds(12));
}

TEST_CASE("a node that leaves gives its vote up, looks again at once, and never takes one") {
  Registry registry;
  registry.members["node_9"] = true;
  api::Desired desired = Registry::desired(false);
  desired.self.state = "leaving";
  registry.others_up = false;
  CHECK(registry.votes.follow(desired).error().code == Errc::quorum_refused);
  registry.others_up = true;  // the next call, not ten seconds later
  REQUIRE(registry.votes.follow(desired).ok());
  CHECK_FALSE(registry.members.at("node_9"));
  CHECK(registry.at_rest());
}

TEST_CASE("a registry that does not join in time keeps the intent, and is waited for again") {
  Registry registry;
  registry.joins = false;
  const auto begun = registry.fake.clock.steady_now();
  CHECK(registry.votes.follow(Registry::desired(true)).error().code == Errc::timeout);
  CHECK(registry.fake.clock.steady_now() - begun >= std::chrono::seconds(20));
  CHECK(registry.fake.files.exists(paths::kVoterIntent));
  registry.members["node_9"] = true;
  REQUIRE(registry.votes.follow(Registry::desired(true)).ok());
  CHECK(registry.at_rest());
}

TEST_CASE("the join file goes once the node stands in the member list, not before") {
  Registry registry;
  registry.fake.files.put(paths::kRqliteJoinEnv, "ORAMA_JOIN=\"x\"\n");
  registry.members.erase("node_9");
  api::Desired desired = Registry::desired(false);
  desired.self.state = "redeemed";
  REQUIRE(registry.votes.follow(desired).ok());
  CHECK(registry.fake.files.exists(paths::kRqliteJoinEnv));
  registry.members["node_9"] = false;
  REQUIRE(registry.votes.follow(desired).ok());
  CHECK_FALSE(registry.fake.files.exists(paths::kRqliteJoinEnv));
}

TEST_CASE("an intent is read back, and nothing else is taken for one") {
  for (const bool voter : {true, false}) {
    const auto intent = VoterIntent::from_text(VoterIntent{voter, !voter}.to_text());
    REQUIRE(intent.ok());
    CHECK(intent->voter == voter);
    CHECK(intent->removed == !voter);
  }
  for (const char* text : {"", "{}", "[]", R"({"v":2,"voter":true,"removed":true})",
                           R"({"v":1,"voter":1,"removed":true})", R"({"v":1,"voter":true})"}) {
    CHECK_FALSE(VoterIntent::from_text(text).ok());
  }
}

}  // namespace orama::tests
