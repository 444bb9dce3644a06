// Where a development cluster lies and what it is run from: this build's tree or the installed
// packages. Found out once a command; changes nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/dev/node_root.h"

namespace orama::cli {

inline constexpr const char* kEmbeddedNode = "embedded";

struct DevLayout {
  std::string folder;  // ${XDG_STATE_HOME:-~/.local/state}/orama/dev
  installers::DevPrograms programs;
  std::string source_tree;  // "" where the packages' programs run

  std::string node_folder(const std::string& name) const { return folder + "/" + name; }
  installers::NodeRoot node(const std::string& name) const { return {node_folder(name), programs}; }
  std::string control_socket() const { return folder + "/supervisor.sock"; }
  // Nodes with a folder: node1, node2 …
  std::size_t nodes_on_disk() const;
};

// What of the environment decides.
struct DevEnvironment {
  std::string home, state_home, share;  // HOME, XDG_STATE_HOME, ORAMA_SHARE
  std::string program;                  // the running `orama`, absolute
};
DevEnvironment dev_environment_of_caller();

Result<DevLayout> find_dev_layout(const DevEnvironment& environment);

std::string dev_node_name(std::size_t number);

}  // namespace orama::cli
