#include "installers/steps/registration.h"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/http_client.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;
using orama::HttpRequest;
using orama::HttpResponse;
using orama::Result;

namespace {

struct Host1 {
  FakeHost fake;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};
  int status = 200;
  std::vector<HttpRequest> asked;

  Host1() {
    fake.files.put_directory(paths::kInstallState, {0700});
    fake.http.on_request([this](const HttpRequest& request) -> Result<HttpResponse> {
      asked.push_back(request);
      return HttpResponse{status, {}, R"({"error":"the words","code":"X"})"};
    });
  }
};

NodeSpec moved() {
  NodeSpec spec = sample_spec();
  spec.public_address = *orama::mesh::IpAddress::parse("2001:db8::7");
  spec.nameserver = !spec.nameserver;
  return spec;
}

}  // namespace

TEST_CASE("what was told is not told again; a changed flag is, once") {
  Host1 host;
  REQUIRE(registration(sample_spec())->apply(host.context).ok());
  host.asked.clear();
  CHECK(registration(sample_spec())->converged(host.context).value());
  const auto change = registration(moved());
  CHECK_FALSE(change->converged(host.context).value());
  CHECK(change->describe(host.context)->find("[2001:db8::7]:51820") != std::string::npos);
  CHECK(host.asked.empty());
  REQUIRE(change->apply(host.context).ok());
  REQUIRE(host.asked.size() == 1);
  CHECK(host.asked[0].method == "POST");
  CHECK(host.asked[0].url == "http://localhost/admin/nodes/" + sample_spec().node_id);
  CHECK(host.asked[0].unix_socket == paths::kAdminSocket);
  CHECK(nlohmann::json::parse(host.asked[0].body) ==
        nlohmann::json{{"endpoints", {"[2001:db8::7]:51820"}}, {"roles", moved().roles()}});
  CHECK(change->converged(host.context).value());
  CHECK_FALSE(registration(sample_spec())->converged(host.context).value());
}

TEST_CASE("a cluster that cannot be told keeps the note as it was, so that the next run tells it") {
  Host1 host;
  REQUIRE(registration(sample_spec())->apply(host.context).ok());
  const auto change = registration(moved());
  host.status = 503;
  const auto begun = host.fake.clock.steady_now();
  REQUIRE_FALSE(change->apply(host.context).ok());
  CHECK(host.fake.clock.steady_now() - begun >= std::chrono::seconds(30));
  host.status = 404;
  const auto removed = change->apply(host.context);
  REQUIRE_FALSE(removed.ok());
  CHECK(removed.error().code == Errc::conflict);
  CHECK(removed.error().hint.find("uninstall") != std::string::npos);
  CHECK_FALSE(change->converged(host.context).value());
  CHECK(registration(sample_spec())->converged(host.context).value());
}

TEST_CASE("without a note, or with a broken one, the cluster is told again") {
  Host1 host;
  CHECK_FALSE(registration(sample_spec())->converged(host.context).value());
  host.fake.files.put(paths::kRegistered, "{");
  CHECK_FALSE(registration(sample_spec())->converged(host.context).value());
  REQUIRE(registration(sample_spec())->apply(host.context).ok());
  CHECK(registration(sample_spec())->converged(host.context).value());
  RevertContext undo{.host = host.fake.host};
  REQUIRE(registration_kind().revert(undo, sample_spec().node_id, {}, {}).ok());
  CHECK_FALSE(host.fake.files.exists(paths::kRegistered));
}
