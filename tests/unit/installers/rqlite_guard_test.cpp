#include <string>

#include "common/result.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "installers/rqlite_guard.h"
#include "tests/support/fake_host.h"

#include <doctest/doctest.h>

#include "tests/unit/installers/agent/sample_mesh.h"

using orama::Errc;
using orama::installers::rqlite_guard;
using orama::tests::FakeHost;
using orama::tests::sample_node_json;

namespace {

constexpr const char* kNode = "/var/lib/orama/agent/node.json";
constexpr const char* kLog = "/var/lib/orama/rqlite/raft.db";

}  // namespace

TEST_CASE("an empty folder may found the cluster once") {
  FakeHost fake;
  fake.files.put(kNode, sample_node_json(false));
  CHECK(rqlite_guard(fake.files, orama::installers::kRegistry).ok());
}

TEST_CASE(
    "on a founded node an empty folder is refused, and the refusal says what happened and what to "
    "do") {
  FakeHost fake;
  fake.files.put(kNode, sample_node_json(true));
  const auto refused = rqlite_guard(fake.files, orama::installers::kRegistry);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  CHECK(refused.error().message.find("/var/lib/orama/rqlite/raft.db is missing") !=
        std::string::npos);
  CHECK(refused.error().message.find(
            "founded the cluster cluster_0192d3f8-7a6b-7c3d-9e4f-0000000000ff") !=
        std::string::npos);
  CHECK(refused.error().hint.find("from a backup") != std::string::npos);
  CHECK(refused.error().hint.find("orama uninstall --purge") != std::string::npos);

  // A folder with something in it, but without the Raft log, is as empty to RQLite.
  fake.files.put("/var/lib/orama/rqlite/db.sqlite", "");
  CHECK_FALSE(rqlite_guard(fake.files, orama::installers::kRegistry).ok());
}

TEST_CASE("with data, or with the order to join the others, it starts") {
  FakeHost data;
  data.files.put(kNode, sample_node_json(true));
  data.files.put(kLog, "raft");
  CHECK(rqlite_guard(data.files, orama::installers::kRegistry).ok());

  FakeHost joining;
  joining.files.put(kNode, sample_node_json(true));
  joining.files.put(orama::installers::paths::kRqliteJoinEnv, "[Service]\n");
  CHECK(rqlite_guard(joining.files, orama::installers::kRegistry).ok());
}

TEST_CASE("without a node.json that can be read nothing is started") {
  FakeHost fake;
  CHECK(rqlite_guard(fake.files, orama::installers::kRegistry).error().code == Errc::not_found);
  fake.files.put(kNode, "{\"version\":1}");
  CHECK_FALSE(rqlite_guard(fake.files, orama::installers::kRegistry).ok());
}
