#include "cli/dev/dev_layout.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "common/result.h"
#include "installers/dev/dev_plan.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackagedUnits = "/usr/lib/systemd/system";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

// build/PRESET/cli/orama lies three folders below the tree.
fs::path source_tree_of(const fs::path& program) {
  const fs::path tree = program.parent_path().parent_path().parent_path().parent_path();
  return is_there(tree / "systemd/orama-agent.service") && is_there(tree / "templates")
             ? tree
             : fs::path();
}

}  // namespace

DevEnvironment dev_environment_of_caller() {
  DevEnvironment environment;
  environment.home = variable("HOME");
  environment.state_home = variable("XDG_STATE_HOME");
  environment.share = variable("ORAMA_SHARE");
  std::error_code failure;
  environment.program = fs::read_symlink("/proc/self/exe", failure).string();
  return environment;
}

std::string dev_node_name(std::size_t number) {
  return "node" + std::to_string(number);
}

std::size_t DevLayout::nodes_on_disk() const {
  std::size_t count = 0;
  while (count < installers::kMostDevNodes && is_there(node_folder(dev_node_name(count + 1)))) {
    ++count;
  }
  return count;
}

Result<DevLayout> find_dev_layout(const DevEnvironment& environment) {
  DevLayout layout;
  if (environment.state_home.starts_with('/')) {
    layout.folder = environment.state_home + "/orama/dev";
  } else if (environment.home.starts_with('/')) {
    layout.folder = environment.home + "/.local/state/orama/dev";
  } else {
    return make_error(Errc::invalid_argument,
                      "neither XDG_STATE_HOME nor HOME names a folder for the cluster's data",
                      "XDG_STATE_HOME=/some/folder orama dev up");
  }
  const fs::path program = environment.program;
  const fs::path tree = source_tree_of(program);
  layout.programs.orama = environment.program;
  layout.source_tree = tree.string();
  if (tree.empty()) {
    layout.programs.folders = {installers::paths::kLibrary};
    layout.programs.share = installers::paths::kShare;
    layout.programs.units = kPackagedUnits;
  } else {
    layout.programs.folders = {(program.parent_path().parent_path() / "gateway").string()};
    layout.programs.share = tree.string();
    layout.programs.units = (tree / "systemd").string();
  }
  if (!environment.share.empty()) {
    layout.programs.share = environment.share;
  }
  return layout;
}

}  // namespace orama::cli
