#include "installers/steps/node_file_change.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;

namespace {

constexpr const char* kPath = "/var/lib/orama/agent/node.json";

struct Node {
  FakeHost fake;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};

  Node() { fake.files.put_directory("/var/lib/orama/agent"); }
  orama::api::NodeFile file() const {
    return orama::api::NodeFile::from_text(fake.files.content(kPath)).value();
  }
};

}  // namespace

TEST_CASE("identity, then founded: both are converged and a second run changes neither") {
  Node node;
  const auto identity = node_identity(sample_spec());
  const auto founded = cluster_founded();
  CHECK_FALSE(identity->converged(node.context).value());
  REQUIRE(identity->apply(node.context).ok());
  CHECK(identity->converged(node.context).value());
  CHECK_FALSE(founded->converged(node.context).value());
  CHECK_FALSE(node.file().founded);

  REQUIRE(founded->apply(node.context).ok());
  CHECK(identity->converged(node.context).value());
  CHECK(founded->converged(node.context).value());
  CHECK(node.file().founded);
}

TEST_CASE("another domain is written without forgetting that the cluster stands") {
  Node node;
  REQUIRE(node_identity(sample_spec())->apply(node.context).ok());
  REQUIRE(cluster_founded()->apply(node.context).ok());
  NodeSpec moved = sample_spec();
  moved.domain = "gate.example.com";
  const auto identity = node_identity(moved);
  CHECK_FALSE(identity->converged(node.context).value());
  REQUIRE(identity->apply(node.context).ok());
  CHECK(node.file().domain == "gate.example.com");
  CHECK(node.file().founded);
}

TEST_CASE("another node's file, and one that cannot be read, are conflicts and stay as they are") {
  Node node;
  NodeSpec other = sample_spec();
  other.node_id = "node_0192d3f8-7a6b-7c3d-9e4f-0000000000aa";
  REQUIRE(node_identity(other)->apply(node.context).ok());
  const std::string before = node.fake.files.content(kPath);
  CHECK(node_identity(sample_spec())->converged(node.context).error().code == Errc::conflict);
  CHECK(node_identity(sample_spec())->apply(node.context).error().code == Errc::conflict);
  CHECK(node.fake.files.content(kPath) == before);

  node.fake.files.put(kPath, "{ not JSON");
  CHECK(node_identity(sample_spec())->apply(node.context).error().code == Errc::conflict);
  CHECK(cluster_founded()->converged(node.context).error().code == Errc::conflict);
}

TEST_CASE("uninstall keeps the identity, purge removes it") {
  Node node;
  REQUIRE(node_identity(sample_spec())->apply(node.context).ok());
  const ChangeKind kind = node_file_kinds().front();
  RevertContext keep{node.fake.host, DataPolicy::keep};
  CHECK(kind.revert(keep, kPath, {}, {})->outcome == Reverted::Outcome::kept);
  CHECK(node.fake.files.exists(kPath));
  RevertContext purge{node.fake.host, DataPolicy::purge};
  CHECK(kind.revert(purge, kPath, {}, {})->outcome == Reverted::Outcome::restored);
  CHECK_FALSE(node.fake.files.exists(kPath));
}
