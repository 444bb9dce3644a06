#include "installers/steps/engines.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/http_client.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/engines/olric.h"
#include "installers/steps/engine_members.h"
#include "installers/steps/node_sources.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"
#include "tests/unit/installers/engines/sample_node.h"
#include "tests/unit/installers/steps/sample_spec.h"

namespace orama::tests {
namespace {

using namespace installers;  // NOLINT(google-build-using-namespace): the code under test

// A host whose Kubo and IPFS Cluster see what is said here; node2 alone can be reached.
struct Node {
  FakeHost fake;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};
  std::set<std::string> cache_members = {"10.0.0.1", "10.0.0.2"};
  bool cache_answers = true;
  std::string kubo_peer = sample_peer_id('i'), cluster_peer = sample_peer_id('k');
  std::vector<std::string> notices, told;
  int registry_status = 200;

  Node() {
    put_engines_node(fake, engines_desired());
    fake.files.put("/etc/orama/secrets/ipfs-cluster-rest-password", "rest-pw\n", {0600});
    fake.files.put("/etc/orama/secrets/ipfs.key", sample_seed('e'), {0600});
    fake.files.put("/etc/orama/secrets/ipfs-cluster.key", sample_seed('f'), {0600});
    fake.files.put_directory("/var/lib/orama/install");
    fake.http.on_request([this](const HttpRequest& request) { return answer(request); });
  }
  Result<HttpResponse> answer(const HttpRequest& request) {
    if (request.url.find("/admin/nodes/") != std::string::npos) {
      told.push_back(request.body);
      return HttpResponse{registry_status, {}, R"({"error":"another node has that id"})"};
    }
    if (request.url == "http://10.0.0.2:6001/livez") {
      return HttpResponse{200, {}, "{}"};
    }
    if (request.url.find("/swarm/peers") != std::string::npos) {
      return HttpResponse{200, {}, R"({"Peers":[{"Peer":")" + kubo_peer + R"("}]})"};
    }
    if (request.url.find(":9094/peers") != std::string::npos) {
      return HttpResponse{200, {}, R"({"id":")" + cluster_peer + R"("})"};
    }
    return make_error(Errc::unreachable, "refused");
  }
  std::unique_ptr<Change> members() {
    NodeSources sources = sample_sources();
    sources.cache = [this](const std::string&) -> Result<CacheView> {
      return cache_answers ? Result<CacheView>(CacheView{true, cache_members})
                           : make_error(Errc::unreachable, "refused");
    };
    sources.notice = [this](const std::string& line) { notices.push_back(line); };
    return engines_are_members(sources);
  }
};

}  // namespace

TEST_CASE(
    "the engines get their share of the host's memory, and no more than the least fits a small "
    "one") {
  struct {
    const char* total;
    const char* olric;
    const char* hard;
  } rows[] = {{"1000000", "GOMEMLIMIT=96MiB", "MemoryMax=244M"},
              {"500000", "GOMEMLIMIT=96MiB", "MemoryMax=192M"},
              {"16000000", "GOMEMLIMIT=1484MiB", "MemoryMax=3906M"}};
  for (const auto& row : rows) {
    CAPTURE(row.total);
    FakeHost fake;
    fake.files.put("/proc/meminfo", std::string("MemTotal:  ") + row.total + " kB\n");
    fake.files.put("/usr/share/orama/templates/engines/host.conf",
                   source_file("templates/engines/host.conf"));
    std::set<std::string> stale;
    ChangeContext context{fake.host, stale};
    fake.files.put_directory("/etc/systemd/system");
    const Changes changes =
        engines_step(sample_spec(), sample_sources()).changes(fake.host).value();
    for (const auto& change : changes) {
      if (change->kind() == "directory" || change->kind() == "file") {
        REQUIRE(change->apply(context).ok());
      }
    }
    const std::string text =
        fake.files.content("/etc/systemd/system/orama-olric.service.d/host.conf");
    CHECK(text.find(row.olric) != std::string::npos);
    CHECK(text.find(row.hard) != std::string::npos);
    CHECK(text.find("IPAddressAllow=127.0.0.0/8 10.0.0.0/24") != std::string::npos);
  }
}

TEST_CASE("the engines are members when each sees the member that can be reached") {
  Node node;
  const auto wait = node.members();
  CHECK(wait->converged(node.context).value());
  CHECK(wait->apply(node.context).ok());
  node.kubo_peer = sample_peer_id('z');
  CHECK_FALSE(wait->converged(node.context).value());
}

TEST_CASE("an engine that is alone fails the join and says where to look") {
  Node node;
  node.cache_members = {"10.0.0.1"};
  const auto alone = node.members()->apply(node.context);
  REQUIRE_FALSE(alone.ok());
  CHECK(alone.error().code == Errc::timeout);
  CHECK(alone.error().message.find("cache (Olric) does not see node2 (10.0.0.2)") !=
        std::string::npos);
  CHECK(alone.error().hint.find("orama-olric") != std::string::npos);
  node.cache_answers = false;
  CHECK_FALSE(node.members()->apply(node.context).ok());
}

TEST_CASE("one broken engine of one member of several keeps nobody from joining") {
  Node node;
  node.fake.http.on_request([&node](const HttpRequest& request) -> Result<HttpResponse> {
    return request.url == "http://10.0.0.3:6001/livez" ? HttpResponse{200, {}, "{}"}
                                                       : node.answer(request);
  });
  CHECK(node.members()->apply(node.context).ok());  // node3 is seen by none, node2 by all
  REQUIRE(node.notices.size() == 1);
  CHECK(node.notices.front().find("node3 (10.0.0.3)") != std::string::npos);
}

TEST_CASE("the cluster is told once what the node's engines are called") {
  Node node;
  const auto ids = engine_ids(sample_spec());
  CHECK_FALSE(ids->converged(node.context).value());
  REQUIRE(ids->apply(node.context).ok());
  REQUIRE(node.told.size() == 1);
  const auto body = nlohmann::json::parse(node.told.front());
  CHECK(body ==
        nlohmann::json{
            {"engines", {{"ipfs", sample_peer_id('e')}, {"ipfs_cluster", sample_peer_id('f')}}}});
  CHECK(ids->converged(node.context).value());
  // Other keys, another node: told again.
  node.fake.files.put("/etc/orama/secrets/ipfs.key", sample_seed('g'), {0600});
  CHECK_FALSE(ids->converged(node.context).value());
  node.registry_status = 409;
  const auto refused = ids->apply(node.context);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("another node has that id") != std::string::npos);
}

}  // namespace orama::tests
