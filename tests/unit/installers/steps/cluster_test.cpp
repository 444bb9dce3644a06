#include "installers/steps/cluster.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/api/cluster.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;
using orama::HttpRequest;
using orama::HttpResponse;
using orama::Result;

namespace {

std::string status_with(const std::string& cluster, const std::string& missing = "") {
  return R"({"cluster":)" + cluster +
         R"(,"node":{"id":"n","name":"node1","mesh_ip":"10.0.0.1"},"registry":{"leader_id":"n","voters":1,)"
         R"("voters_up":1,"quorum":true,"tolerates":0,"applied_index":4,"staleness_seconds":0},)"
         R"("nodes":{"total":1,"up":1},"checks":{},"missing":[)" +
         missing +
         R"(],"version":"0.1.0",)"
         R"("started_at":"2026-11-24T12:00:00Z","uptime":"1s"})";
}

std::string cluster_json(const std::string& id) {
  return R"({"id":")" + id +
         R"(","name":"example.com","base_domain":"example.com","mesh_cidr":"10.0.0.0/24","generation":1})";
}

struct Node {
  FakeHost fake;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};
  std::vector<int> statuses = {201};  // of POST, one a call, the last for ever
  std::size_t posts = 0;
  std::string status_body = status_with("null");
  std::string posted;
  bool gateway_up = true;

  Node() {
    fake.files.put_directory("/var/lib/orama/install", {0700});
    fake.files.put("/etc/orama/secrets/wireguard.key",
                   orama::crypto::to_base64(std::string(32, 'w')) + "\n", {0600});
    fake.files.put("/etc/orama/secrets/node.key",
                   orama::crypto::to_base64(std::string(32, 'n')) + "\n", {0600});
    fake.http.on_request([this](const HttpRequest& request) -> Result<HttpResponse> {
      if (!gateway_up) {
        return orama::make_error(Errc::unreachable, "no such file");
      }
      if (request.method == "GET") {
        return HttpResponse{200, {}, status_body};
      }
      posted = request.body;
      const int status = statuses[std::min(posts++, statuses.size() - 1)];
      return HttpResponse{
          status, {}, R"({"error":"the registry holds another cluster","code":"CONFLICT"})"};
    });
  }
  std::unique_ptr<Change> change() {
    return std::move(cluster_step(sample_spec()).changes(fake.host).value().front());
  }
  std::unique_ptr<Change> wait() {  // the step's last change
    return std::move(cluster_step(sample_spec()).changes(fake.host).value().back());
  }
};

}  // namespace

TEST_CASE("the cluster is founded with public keys, never private ones") {
  Node node;
  const auto change = node.change();
  CHECK_FALSE(change->converged(node.context).value());
  REQUIRE(change->apply(node.context).ok());
  const auto body = orama::api::ClusterCreate::from_json(orama::parse_json(node.posted).value());
  REQUIRE(body.ok());
  CHECK(body->id == sample_spec().cluster_id);
  CHECK(body->name == "example.com");
  CHECK(body->node.mesh_ip.to_string() == "10.0.0.1");
  CHECK(body->node.endpoints == std::vector<std::string>{"203.0.113.11:51820"});
  const auto pair = orama::crypto::x25519_from_private(orama::crypto::Secret(std::string(32, 'w')));
  CHECK(body->node.wg_public_key == orama::crypto::to_base64(pair->public_key));
  CHECK(node.posted.find(orama::crypto::to_base64(std::string(32, 'w'))) == std::string::npos);
  CHECK(node.posted.find(orama::crypto::to_base64(std::string(32, 'n'))) == std::string::npos);
}

TEST_CASE("a registry that still elects is waited for; the same cluster twice is fine") {
  Node node;
  node.statuses = {503, 503, 200};
  REQUIRE(node.change()->apply(node.context).ok());
  CHECK(node.posts == 3);
}

TEST_CASE("converged when the registry holds this very cluster; another one is a conflict") {
  Node node;
  node.status_body = status_with(cluster_json(sample_spec().cluster_id));
  CHECK(node.change()->converged(node.context).value());
  node.status_body = status_with(cluster_json("cluster_0192d3f8-7a6b-7c3d-9e4f-0000000000aa"));
  const auto other = node.change()->converged(node.context);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == Errc::conflict);
  CHECK(other.error().message.find("0000000000aa") != std::string::npos);
}

TEST_CASE("before the gateway is there the cluster is not founded, which is no error") {
  Node node;
  node.gateway_up = false;
  CHECK_FALSE(node.change()->converged(node.context).value());
}

TEST_CASE("the step ends when the gateway misses nothing of the node") {
  Node node;
  const std::string cluster = cluster_json(sample_spec().cluster_id);
  node.status_body = status_with(cluster, R"("agent: no report from orama-agent.service yet")");
  CHECK_FALSE(node.wait()->converged(node.context).value());
  node.status_body = status_with(cluster);
  CHECK(node.wait()->converged(node.context).value());
  node.gateway_up = false;
  CHECK_FALSE(node.wait()->converged(node.context).value());
}

TEST_CASE("a wait in vain says what the gateway misses") {
  Node node;
  node.status_body = status_with("null", R"("agent: no report from orama-agent.service yet")");
  const auto waited = node.wait()->apply(node.context);
  REQUIRE_FALSE(waited.ok());
  CHECK(waited.error().code == Errc::timeout);
  CHECK(waited.error().message.find("no report from orama-agent.service yet") != std::string::npos);
}

TEST_CASE("a refusal is told in the gateway's words, at once") {
  Node node;
  node.statuses = {409};
  const auto applied = node.change()->apply(node.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().code == Errc::conflict);
  CHECK(applied.error().message.find("409: the registry holds another cluster") !=
        std::string::npos);
  CHECK(node.posts == 1);
}

TEST_CASE("a gateway that never answers ends the wait, and so does Ctrl-C") {
  Node node;
  node.gateway_up = false;
  const auto begun = node.fake.clock.steady_now();
  CHECK(node.change()->apply(node.context).error().code == Errc::unreachable);
  CHECK(node.fake.clock.steady_now() - begun >= std::chrono::seconds(30));

  std::atomic<bool> interrupted{true};
  node.context.interrupted = &interrupted;
  CHECK(node.change()->apply(node.context).error().code == Errc::interrupted);
}

TEST_CASE("a key file that is damaged is named, not shown") {
  Node node;
  node.fake.files.put("/etc/orama/secrets/node.key", "topsecret but not base64\n", {0600});
  const auto applied = node.change()->apply(node.context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("/etc/orama/secrets/node.key") != std::string::npos);
  CHECK(applied.error().full_message().find("topsecret") == std::string::npos);
}
