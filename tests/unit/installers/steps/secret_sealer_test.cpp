#include "installers/agent/secret_sealer.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/crypto/secret.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/steps/secrets.h"
#include "installers/steps/shared_secrets.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/joining_cluster.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;
using orama::HttpRequest;
using orama::HttpResponse;
using orama::Result;
using orama::api::Desired;

namespace {

struct Member {
  FakeHost fake;
  SecretSealer sealer{fake.host, "/run/orama/admin.sock"};
  std::string row_key = JoiningCluster::base64_key('n', true), row_state = "redeemed";
  bool registry_up = true;
  int sealed_status = 200;
  std::vector<std::string> handed;  // bodies of /admin/sealed
  std::string asked;                // of the registry

  Member() {
    for (const SecretRow& row : secret_table()) {
      fake.files.put("/etc/orama/secrets/" + std::string(row.name),
                     "value of " + std::string(row.name));
    }
    fake.http.on_request([this](const HttpRequest& request) { return answer(request); });
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    if (request.url.find("/admin/sealed") != std::string::npos) {
      handed.push_back(request.body);
      return HttpResponse{sealed_status, {}, "{}"};
    }
    CHECK(request.url == "http://10.0.0.1:5001/db/query?level=linearizable");
    CHECK(request.user == "agent");
    CHECK(request.password == "value of agent-registry-password");
    asked = request.body;
    if (!registry_up) {
      return orama::make_error(Errc::unreachable, "refused");
    }
    return HttpResponse{200,
                        {},
                        R"({"results":[{"columns":["node_key","state"],"values":[[")" + row_key +
                            R"(",")" + row_state + R"("]]}]})"};
  }
  static Desired desired(std::int64_t version, const std::string& key) {
    Desired desired;
    desired.version = version;
    desired.self.mesh_ip = "10.0.0.1";
    desired.seal = {{"node_9", key, {}}};
    return desired;
  }
};

}  // namespace

TEST_CASE(
    "the shared secrets are sealed to the key of the registry's row, and open with it alone") {
  Member member;
  REQUIRE(member.sealer.follow(Member::desired(3, member.row_key)).ok());
  REQUIRE(member.handed.size() == 1);
  CHECK(member.asked == R"([["SELECT node_key, state FROM nodes WHERE id=?","node_9"]])");
  CHECK(member.handed[0].find("value of") == std::string::npos);
  const auto body = orama::parse_json(member.handed[0]).value();
  CHECK(body.at("id") == "node_9");
  const auto sealed = orama::crypto::from_base64(body.at("sealed").get<std::string>()).value();
  CHECK(sealed.size() < 48UL * 1024);
  const auto files = open_shared_secrets(orama::crypto::Secret(std::string(32, 'n')), sealed);
  REQUIRE(files.ok());
  CHECK(files->at("olric-password").reveal() == "value of olric-password");
  CHECK_FALSE(files->contains("jwt-signing.key"));
  CHECK_FALSE(files->contains("registry-password"));
  CHECK_FALSE(open_shared_secrets(orama::crypto::Secret(std::string(32, 'm')), sealed).ok());
}

TEST_CASE("another key than the registry's, or a node that does not join, gets nothing") {
  Member member;
  const std::string other = JoiningCluster::base64_key('m', true);
  CHECK(member.sealer.follow(Member::desired(3, other)).error().code == Errc::not_allowed);
  for (const char* state : {"released", "removed", "leaving", ""}) {
    member.row_state = state;
    SecretSealer fresh(member.fake.host, "/run/orama/admin.sock");
    CHECK(fresh.follow(Member::desired(4, member.row_key)).error().code == Errc::not_allowed);
  }
  member.row_state = "ready";
  REQUIRE(member.sealer.follow(Member::desired(5, member.row_key)).ok());
  CHECK(member.handed.size() == 1);
}

TEST_CASE("an entry is sealed once a version, and again only when it was not handed over") {
  Member member;
  REQUIRE(member.sealer.follow(Member::desired(3, member.row_key)).ok());
  REQUIRE(member.sealer.follow(Member::desired(3, member.row_key)).ok());
  CHECK(member.handed.size() == 1);
  REQUIRE(member.sealer.follow(Member::desired(4, member.row_key)).ok());
  CHECK(member.handed.size() == 2);

  member.sealed_status = 500;
  CHECK_FALSE(member.sealer.follow(Member::desired(5, member.row_key)).ok());
  member.sealed_status = 404;  // nobody waits any more
  REQUIRE(member.sealer.follow(Member::desired(5, member.row_key)).ok());
  REQUIRE(member.sealer.follow(Member::desired(5, member.row_key)).ok());
  CHECK(member.handed.size() == 4);

  member.registry_up = false;
  CHECK(member.sealer.follow(Member::desired(6, member.row_key)).error().code == Errc::unreachable);
  member.registry_up = true;
  REQUIRE(member.sealer.follow(Member::desired(6, member.row_key)).ok());
  CHECK(member.handed.size() == 5);
}
