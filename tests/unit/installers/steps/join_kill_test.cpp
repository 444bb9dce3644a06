// A join killed dead at every fault point of what comes before the mesh and after the registry, and
// then run again: the same keys, one place in the cluster, the same end.
#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/node_file.h"
#include "common/http_client.h"
#include "common/join/token.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/node_plan.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "installers/step.h"
#include "installers/steps/cluster_link.h"
#include "installers/steps/confirm.h"
#include "installers/steps/join_call.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/peers.h"
#include "installers/steps/redeem.h"
#include "installers/steps/secrets.h"
#include "tests/support/fake_host.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/installers/steps/fake_link.h"
#include "tests/unit/installers/steps/joining_cluster.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Result;

namespace {

struct Killed {};

struct Join {
  TemporaryFolder folder;
  FakeHost fake;
  JoiningCluster cluster;
  std::shared_ptr<FakeLink> link = std::make_shared<FakeLink>(fake.clock);
  Plan::Options options;
  std::set<std::string> identities;  // that asked

  Join() {
    fake.files.put_directory("/etc/orama/secrets", {0700});
    fake.files.put_directory("/var/lib/orama/agent");
    link->up = {"node1", "node2"};
    link->reply = [](const std::string&, const nlohmann::json&) -> Result<LinkAnswer> {
      return LinkAnswer{200, {{"status", "ok"}}};
    };
    fake.http.on_request([this](const orama::HttpRequest& request) {
      auto answer = cluster.answer(request);
      identities.insert(cluster.asked->node_key);
      return answer;
    });
    options.lock_path = folder.file("lock");
    options.log_folder = folder.path();
    options.parallel = 1;
    options.extent = Plan::Options::Extent::part;
  }

  // The steps of node_plan.cpp that need no real unit, in its order.
  Plan plan() {
    const std::string invite = orama::join::invite_id(cluster.token.invite);
    NodeSpec spec = sample_spec();
    spec.invite = invite;
    spec.node_id = cluster.grant.node_id;
    NodeSources sources = sample_sources();
    sources.link = link;
    std::vector<Step> steps;
    steps.push_back(own_keys_step());
    steps.push_back(redeem_step(invite, std::make_shared<JoinOrder>(cluster.order())));
    Step identity{"mesh", "identity", {}, nullptr};
    identity.changes = [spec](Host&) -> Result<Changes> {
      Changes changes;
      changes.push_back(node_identity(spec));
      return changes;
    };
    steps.push_back(std::move(identity));
    steps.push_back(peers_step(sources));
    steps.push_back(confirm_step(spec, sources));
    for (std::size_t i = 1; i < steps.size(); ++i) {
      steps[i].after = {steps[i - 1].name};
    }
    return Plan::make(std::move(steps), change_kinds()).value();
  }
  bool apply() { return plan().apply(fake.host, options, {}).ok(); }
  bool is_done() {
    const auto node = orama::api::NodeFile::from_text(fake.files.content(paths::kNodeJson));
    return node.ok() && node->member && !fake.files.exists(paths::kJoinRecord);
  }
};

}  // namespace

TEST_CASE("killed anywhere in a join, the same command ends it with the same identity") {
  Join listing;
  const std::vector<std::string> points = listing.plan().fault_points(listing.fake.host).value();
  CHECK(points.size() == 38);
  for (const std::string& point : points) {
    CAPTURE(point);
    Join join;
    join.options.fault_hook = [&point](const std::string& reached) {
      if (reached == point) {
        throw Killed{};
      }
    };
    CHECK_THROWS_AS(static_cast<void>(join.apply()), Killed);
    join.options.fault_hook = {};
    REQUIRE(join.apply());
    CHECK(join.is_done());
    CHECK(join.identities.size() == 1);
    const std::size_t writes = join.fake.files.writes();
    REQUIRE(join.apply());
    CHECK(join.fake.files.writes() == writes);
  }
}

TEST_CASE("a join killed anywhere before its confirmation is taken back whole") {
  Join listing;
  const std::vector<std::string> points = listing.plan().fault_points(listing.fake.host).value();
  for (const std::string& point : points) {
    CAPTURE(point);
    Join join;
    join.options.fault_hook = [&point](const std::string& reached) {
      if (reached == point) {
        throw Killed{};
      }
    };
    CHECK_THROWS_AS(static_cast<void>(join.apply()), Killed);
    join.options.fault_hook = {};
    if (!join.fake.files.exists(kReceiptPath)) {
      continue;  // nothing was done yet
    }
    RevertContext context{.host = join.fake.host, .data = DataPolicy::purge};
    const auto reverted = Plan::revert(context, change_kinds(), join.options, {});
    REQUIRE(reverted.ok());
    CHECK(reverted->left.empty());
    CHECK_FALSE(join.fake.files.exists(paths::kJoinRecord));
    CHECK_FALSE(join.fake.files.exists(paths::kNodeJson));
    CHECK_FALSE(join.fake.files.exists("/etc/orama/secrets/node.key"));
  }
}
