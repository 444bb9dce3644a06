#include "installers/dev/rooted_files.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/dev/node_root.h"
#include "installers/host/host.h"
#include "tests/support/fake_host.h"
#include "tests/support/temporary_folder.h"

namespace orama::installers {
namespace {

struct Place {
  tests::TemporaryFolder folder;
  NodeRoot root{folder.path() + "/node1", {}};
  RootedFiles files{root};

  Place() { std::filesystem::create_directories(root.folder() + "/etc/orama/secrets"); }
};

}  // namespace

TEST_CASE("a file of the node is written under its root, with the paths in it") {
  Place place;
  REQUIRE(place.files.write("/etc/orama/x", "log: /var/log/orama/a\n", {0640, "orama", "x"}).ok());
  const std::string mapped = place.root.folder() + "/etc/orama/x";
  CHECK(*read_file(mapped) == "log: " + place.root.folder() + "/var/log/orama/a\n");
  CHECK(*place.files.read("/etc/orama/x") == "log: /var/log/orama/a\n");
  CHECK(*place.files.list("/etc/orama") == std::vector<std::string>{"secrets", "x"});
  const auto status = place.files.status("/etc/orama/x");
  REQUIRE(status.ok());
  REQUIRE(status->has_value());
  CHECK((*status)->mode == 0640);
  CHECK((*status)->owner.empty());
}

TEST_CASE("key files hold what they are given, byte by byte") {
  Place place;
  const std::string key = "abc /etc/orama/ def";
  REQUIRE(place.files.write("/etc/orama/secrets/key", key, {0600, "root", "root"}).ok());
  CHECK(*read_file(place.root.folder() + "/etc/orama/secrets/key") == key);
  CHECK(*place.files.read("/etc/orama/secrets/key") == key);
}

TEST_CASE("nothing outside of the node's folder is changed") {
  Place place;
  const std::string outside = place.folder.path() + "/outside";
  REQUIRE(write_file_atomically(outside, "mine").ok());
  CHECK(*place.files.read(outside) == "mine");
  for (const auto& refused :
       {place.files.write(outside, "x", {}), place.files.remove_file(outside),
        place.files.make_directory(outside + "2", {}), place.files.remove_tree(outside)}) {
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::not_allowed);
  }
  CHECK(*read_file(outside) == "mine");
}

// Whatever owner a step asks for, the developer's is as good.
TEST_CASE("a file change converges although owners are not kept") {
  Place place;
  tests::FakeHost fake;
  Host host{fake.commands, place.files, fake.systemd, fake.http, fake.clock, fake.random};
  std::set<std::string> stale;
  ChangeContext context{host, stale};
  const auto change =
      file({"/etc/orama/orama.yaml", "a: /run/orama/admin.sock\n", {0644, "orama", "orama"}, {}});
  REQUIRE(change->apply(context).ok());
  CHECK(*change->converged(context));
}

}  // namespace orama::installers
