#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/api/desired.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/agent/cache_keeper.h"
#include "installers/agent/storage_keeper.h"
#include "installers/engines/olric.h"
#include "installers/paths.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/engines/sample_node.h"

namespace orama::tests {
namespace {

using installers::CacheKeeper;
using installers::CacheView;
using Members = std::set<std::string>;
namespace paths = installers::paths;

// What each member's Olric would say; one that is missing here does not answer.
struct Cache {
  FakeHost fake;
  std::map<std::string, CacheView> views;
  bool locked = false;
  std::vector<std::string> statements;
  api::Desired desired = engines_desired();
  CacheKeeper keeper{fake.host, [this](const std::string& mesh_ip) { return look(mesh_ip); }};

  Cache() {
    const Members all = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
    views = {{"10.0.0.1", {true, all}}, {"10.0.0.2", {true, all}}, {"10.0.0.3", {true, all}}};
    FakeUnit unit;
    unit.active = "active";
    fake.commands.add_unit(paths::kOlricUnit, unit);
    fake.files.put("/etc/orama/secrets/agent-registry-password", "pw\n", {0600});
    put_quorum(2);
    fake.http.on_request([this](const HttpRequest& request) -> Result<HttpResponse> {
      statements.push_back(request.body);
      const bool takes = request.body.find("INSERT") != std::string::npos;
      return HttpResponse{200,
                          {},
                          takes && locked ? R"({"results":[{"rows_affected":0}]})"
                                          : R"({"results":[{"rows_affected":1}]})"};
    });
  }
  Result<CacheView> look(const std::string& mesh_ip) const {
    const auto found = views.find(mesh_ip);
    return found == views.end() ? Result<CacheView>(make_error(Errc::unreachable, "refused"))
                                : found->second;
  }
  void put_quorum(int quorum) {
    fake.files.put(std::string(paths::kOlricState) + "/olric.yaml",
                   R"({"server":{"memberCountQuorum":)" + std::to_string(quorum) + "}}");
  }
  // Follows once a second.
  void run(std::chrono::seconds time) {
    for (auto second = std::chrono::seconds(0); second < time; ++second) {
      static_cast<void>(keeper.follow(desired));
      fake.clock.sleep_for(std::chrono::seconds(1));
    }
  }
  int restarts() { return fake.commands.unit(paths::kOlricUnit).restarts; }
};

}  // namespace

TEST_CASE("of two parts of a split cache the smaller gives way, of equal ones the higher address") {
  CHECK(installers::gives_way({"10.0.0.1"}, {"10.0.0.2", "10.0.0.3"}));
  CHECK_FALSE(installers::gives_way({"10.0.0.2", "10.0.0.3"}, {"10.0.0.1"}));
  CHECK(installers::gives_way({"10.0.0.10"}, {"10.0.0.9"}));  // numbers, not texts
  CHECK_FALSE(installers::gives_way({"10.0.0.9"}, {"10.0.0.10"}));
}

TEST_CASE("a whole cache is left alone, and one that does not answer too") {
  Cache cache;
  cache.run(std::chrono::seconds(60));
  CHECK(cache.restarts() == 0);
  CHECK(cache.statements.empty());
  cache.views.erase("10.0.0.1");
  cache.run(std::chrono::seconds(60));
  CHECK(cache.restarts() == 0);
}

TEST_CASE("a member that a partition left alone is restarted, not before it lasts, once a while") {
  Cache cache;
  cache.views["10.0.0.1"] = {false, {}};
  cache.views["10.0.0.2"] = cache.views["10.0.0.3"] = {true, {"10.0.0.2", "10.0.0.3"}};
  cache.run(std::chrono::seconds(8));
  CHECK(cache.restarts() == 0);
  cache.run(std::chrono::seconds(3));
  CHECK(cache.restarts() == 1);
}

TEST_CASE("the majority does not give way, nor does anybody while the others cannot be reached") {
  Cache cache;
  cache.views["10.0.0.1"] = cache.views["10.0.0.2"] = {true, {"10.0.0.1", "10.0.0.2"}};
  cache.views["10.0.0.3"] = {true, {"10.0.0.3"}};
  cache.run(std::chrono::seconds(40));
  CHECK(cache.restarts() == 0);
  cache.views = {{"10.0.0.1", {false, {}}}};
  cache.run(std::chrono::seconds(40));
  CHECK(cache.restarts() == 0);
}

TEST_CASE("all apart without a quorum: everybody but the lowest address gives way") {
  Cache cache;
  for (auto& [mesh_ip, view] : cache.views) {
    view = {false, {}};
  }
  cache.run(std::chrono::seconds(40));
  CHECK(cache.restarts() == 0);  // this is the lowest
  cache.desired.self.mesh_ip = "10.0.0.3";
  cache.desired.peers[1].mesh_ip = "10.0.0.1";
  cache.run(std::chrono::seconds(12));
  CHECK(cache.restarts() == 1);
}

TEST_CASE("another quorum is started with under the lock, and only by a ready node that knows") {
  Cache cache;
  cache.put_quorum(1);
  cache.desired.stale = true;
  cache.run(std::chrono::seconds(4));
  cache.desired.stale = false;
  cache.desired.self.state = "redeemed";
  cache.run(std::chrono::seconds(4));
  CHECK(cache.restarts() == 0);
  cache.desired.self.state = "ready";
  cache.locked = true;
  cache.run(std::chrono::seconds(4));
  CHECK(cache.restarts() == 0);
  cache.locked = false;
  cache.run(std::chrono::seconds(1));
  CHECK(cache.restarts() == 1);
  REQUIRE_FALSE(cache.statements.empty());
  CHECK(cache.statements.back().find("DELETE FROM locks") != std::string::npos);
  CHECK(cache.statements.back().find("cache") != std::string::npos);
}

TEST_CASE("Kubo gets a peering for each member it is not connected to, and loses those of others") {
  FakeHost fake;
  std::vector<std::string> calls;
  const std::string gone = sample_peer_id('x');
  fake.http.on_request([&](const HttpRequest& request) -> Result<HttpResponse> {
    const std::string path = request.url.substr(request.url.find("/api/v0/") + 8);
    if (path == "swarm/peers") {
      return HttpResponse{200, {}, R"({"Peers":[{"Peer":")" + sample_peer_id('i') + R"("}]})"};
    }
    if (path == "swarm/peering/ls") {
      return HttpResponse{
          200,
          {},
          R"({"Peers":[{"ID":")" + sample_peer_id('i') + R"("},{"ID":")" + gone + R"("}]})"};
    }
    calls.push_back(path);
    return HttpResponse{200, {}, "{}"};
  });
  installers::StorageKeeper keeper(fake.host);
  REQUIRE(keeper.follow(engines_desired()).ok());
  const std::string address = "/ip4/10.0.0.3/tcp/4001/p2p/" + sample_peer_id('j');
  CHECK(calls == std::vector<std::string>{"swarm/peering/add?arg=" + address,
                                          "swarm/connect?arg=" + address + "&timeout=3s",
                                          "swarm/peering/rm?arg=" + gone,
                                          "swarm/disconnect?arg=/p2p/" + gone});
  calls.clear();
  REQUIRE(keeper.follow(engines_desired()).ok());  // too early for another look
  CHECK(calls.empty());
}

}  // namespace orama::tests
