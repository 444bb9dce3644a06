#include "installers/steps/path_mtu.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/api/node_file.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/path_mtu.h"
#include "installers/paths.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/sample_mesh.h"
#include "tests/unit/installers/fake_path.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;

namespace {

struct Joiner {
  FakeHost fake;
  FakeIp ip{fake.commands};
  std::shared_ptr<FakePath> path = std::make_shared<FakePath>();
  std::map<std::string, std::string> tunnels;  // key → endpoint in use
  std::vector<std::string> told;
  NodeSources sources = sample_sources();
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};

  Joiner() {
    fake.files.put(paths::kNodeJson, node_file_of(sample_spec()).to_text());
    fake.files.put(paths::kSavedDesired, sample_desired().to_json().dump());
    sources.prober = path;
    sources.tunnel_endpoint = [this](const std::string& key) {
      return tunnels.contains(key) ? std::optional(tunnels[key]) : std::nullopt;
    };
    sources.notice = [this](const std::string& line) { told.push_back(line); };
    reach(2, "203.0.113.12:51820");
  }
  void reach(int number, const std::string& endpoint) {
    tunnels[sample_peer(number).wg_public_key] = endpoint;
  }
  Changes changes() { return path_mtu_step(sources).changes(fake.host).value(); }
  std::optional<int> measured() {
    REQUIRE(changes().front()->apply(context).ok());
    return saved_mesh_mtu(fake.files);
  }
  void become_member() {
    orama::api::NodeFile node = node_file_of(sample_spec());
    node.member = true;
    fake.files.put(paths::kNodeJson, node.to_text());
  }
};

}  // namespace

TEST_CASE("the narrowest way to a member that was reached decides, and is told") {
  Joiner joiner;
  CHECK(joiner.measured() == 1420);
  CHECK(joiner.told.empty());
  CHECK(joiner.path->asked == std::vector{orama::mesh::IpAddress::parse("203.0.113.12").value()});
  joiner.path->carries = 1400;
  joiner.reach(3, "[2001:db8::13]:40000");
  CHECK(joiner.measured() == 1320);
  REQUIRE(joiner.told.size() == 2);
  CHECK(joiner.told[0].find("node2 (203.0.113.12)") != std::string::npos);
  CHECK(joiner.told[0].find("MTU 1340") != std::string::npos);
  CHECK(joiner.told[1].find("MTU 1320") != std::string::npos);
}

TEST_CASE("members without a tunnel say nothing of a path") {
  Joiner joiner;
  joiner.tunnels.clear();
  CHECK_FALSE(joiner.measured().has_value());
  CHECK(joiner.path->sizes.empty());
}

TEST_CASE("the step ends when the interface has what was measured") {
  Joiner joiner;
  joiner.path->carries = 1280;
  Changes changes = joiner.changes();
  REQUIRE(changes.size() == 2);
  CHECK_FALSE(changes[0]->converged(joiner.context).value());
  REQUIRE(changes[0]->apply(joiner.context).ok());
  CHECK_FALSE(changes[1]->converged(joiner.context).value());
  joiner.ip.mtu = 1220;
  CHECK(changes[1]->converged(joiner.context).value());
  joiner.ip.uplink_mtu = 1290;
  CHECK_FALSE(changes[1]->converged(joiner.context).value());
}

TEST_CASE("it is measured anew until the join is confirmed, then only when the file is gone") {
  Joiner joiner;
  CHECK(joiner.measured() == 1420);
  CHECK_FALSE(joiner.changes()[0]->converged(joiner.context).value());
  joiner.become_member();
  CHECK(joiner.changes()[0]->converged(joiner.context).value());
  REQUIRE(joiner.fake.files.remove_file(paths::kPathMtu).ok());
  CHECK_FALSE(joiner.changes()[0]->converged(joiner.context).value());
}

TEST_CASE("what cannot be asked stops the step and saves nothing") {
  Joiner joiner;
  joiner.path->refused = true;
  CHECK(joiner.changes()[0]->apply(joiner.context).error().code == Errc::failed);
  CHECK_FALSE(saved_mesh_mtu(joiner.fake.files).has_value());
  joiner.sources.prober = nullptr;
  CHECK(joiner.changes().empty());
}
