#include "installers/agent/removed_nodes.h"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/api/desired.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/rqlite_engine.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

using api::Desired;
using installers::RemovedNodes;

// A member whose registry knows node_1 (itself) and node_9.
struct Member {
  FakeHost fake;
  RemovedNodes removed{fake.host, installers::kRegistry};
  std::string state = "removed";
  bool listed = true;
  std::vector<std::string> taken_off;

  int writes_after = 0;  // that let linearizable reads go on

  Member() {
    fake.files.put("/etc/orama/secrets/agent-registry-password", "password");
    fake.http.on_request([this](const HttpRequest& request) { return answer(request); });
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    if (request.method == "DELETE") {
      taken_off.push_back(request.body);
      listed = false;
      return HttpResponse{200, {}, ""};
    }
    if (request.url.find("/db/execute") != std::string::npos) {
      writes_after += listed ? 0 : 1;
      return HttpResponse{200, {}, R"({"results":[{"rows_affected":0}]})"};
    }
    if (request.url.find("/nodes") != std::string::npos) {
      const std::string self = R"("node_1":{"voter":true,"reachable":true,"leader":true})";
      const std::string other = R"(,"node_9":{"voter":true,"reachable":false,"leader":false})";
      return HttpResponse{200, {}, "{" + self + (listed ? other : "") + "}"};
    }
    return HttpResponse{
        200, {}, R"({"results":[{"columns":["state"],"values":[[")" + state + R"("]]}]})"};
  }
  static Desired desired() {
    Desired desired;
    desired.self.id = "node_1";
    desired.self.mesh_ip = "10.0.0.1";
    desired.self.state = "ready";
    desired.removed = {{"node_9", "key"}};
    return desired;
  }
};

TEST_CASE("a removed node is taken off the member list once, and not looked for again") {
  Member member;
  REQUIRE(member.removed.follow(Member::desired()).ok());
  REQUIRE(member.taken_off.size() == 1);
  CHECK(member.taken_off[0].find("node_9") != std::string::npos);
  CHECK(member.writes_after == 1);
  member.fake.clock.sleep_for(std::chrono::seconds(2));
  REQUIRE(member.removed.follow(Member::desired()).ok());
  const std::size_t asked = member.fake.http.requests().size();
  member.fake.clock.sleep_for(std::chrono::minutes(1));
  REQUIRE(member.removed.follow(Member::desired()).ok());
  CHECK(member.fake.http.requests().size() == asked);
  CHECK(member.taken_off.size() == 1);
}

TEST_CASE("a released node leaves it too, each time that it is released") {
  Member member;
  member.state = "released";
  REQUIRE(member.removed.follow(Member::desired()).ok());
  CHECK(member.taken_off.size() == 1);
  member.fake.clock.sleep_for(std::chrono::seconds(2));
  REQUIRE(member.removed.follow(Member::desired()).ok());
  Desired back = Member::desired();
  back.removed.clear();
  REQUIRE(member.removed.follow(back).ok());
  member.listed = true;
  member.fake.clock.sleep_for(std::chrono::seconds(2));
  REQUIRE(member.removed.follow(Member::desired()).ok());
  CHECK(member.taken_off.size() == 2);
}

TEST_CASE("the gateway's word alone takes nobody off") {
  Member member;
  member.state = "ready";
  CHECK(member.removed.follow(Member::desired()).error().code == Errc::not_allowed);
  CHECK(member.taken_off.empty());
}

TEST_CASE("a stale wish, or this node's own removal, moves nothing") {
  Member member;
  Desired stale = Member::desired();
  stale.stale = true;
  REQUIRE(member.removed.follow(stale).ok());
  Desired gone = Member::desired();
  gone.self.state = "removed";
  REQUIRE(member.removed.follow(gone).ok());
  CHECK(member.fake.http.requests().empty());
}

}  // namespace
}  // namespace orama::tests
