#include "cli/dev/dev_layout.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"
#include "tests/support/temporary_folder.h"

namespace orama::cli {

TEST_CASE("the cluster's folder follows XDG_STATE_HOME, else HOME") {
  DevEnvironment environment{"/home/a", "", "", "/usr/bin/orama"};
  CHECK(find_dev_layout(environment)->folder == "/home/a/.local/state/orama/dev");
  environment.state_home = "/state";
  CHECK(find_dev_layout(environment)->folder == "/state/orama/dev");
  environment.state_home = "relative";  // the XDG specification has it ignored
  CHECK(find_dev_layout(environment)->folder == "/home/a/.local/state/orama/dev");
  environment.home = "";
  CHECK(find_dev_layout(environment).error().code == Errc::invalid_argument);
}

TEST_CASE("programs come from the packages, or from the tree that a build lies in") {
  const auto packaged = find_dev_layout({"/home/a", "", "", "/usr/bin/orama"});
  REQUIRE(packaged.ok());
  CHECK(packaged->source_tree.empty());
  CHECK(packaged->programs.orama == "/usr/bin/orama");
  CHECK(packaged->programs.folders == std::vector<std::string>{"/usr/lib/orama"});
  CHECK(packaged->programs.units == "/usr/lib/systemd/system");

  const tests::TemporaryFolder folder;
  const std::string& tree = folder.path();
  std::filesystem::create_directories(tree + "/systemd");
  std::filesystem::create_directories(tree + "/templates");
  REQUIRE(write_file_atomically(tree + "/systemd/orama-agent.service", "").ok());
  const auto built = find_dev_layout({"/home/a", "", "", tree + "/build/dev/cli/orama"});
  REQUIRE(built.ok());
  CHECK(built->source_tree == tree);
  CHECK(built->programs.folders == std::vector<std::string>{tree + "/build/dev/gateway"});
  CHECK(built->programs.share == tree);
  CHECK(built->programs.units == tree + "/systemd");
}

TEST_CASE("nodes on the disk are counted from the first") {
  const tests::TemporaryFolder folder;
  DevLayout layout;
  layout.folder = folder.path();
  CHECK(layout.nodes_on_disk() == 0);
  for (const char* name : {"node1", "node2", "node4", "embedded"}) {
    std::filesystem::create_directories(folder.path() + "/" + name);
  }
  CHECK(layout.nodes_on_disk() == 2);
}

}  // namespace orama::cli
