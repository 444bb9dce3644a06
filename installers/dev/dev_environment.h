// How a program of a development node learns that it is one: by environment variables that the
// supervisor sets for the node's units, and that a developer may set to look at one node
// (`ORAMA_ROOT=… orama status`). `orama` reads them in one place (cli/app.cpp).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "installers/dev/node_root.h"

namespace orama::installers {

inline constexpr const char* kRootVariable = "ORAMA_ROOT";          // the node's folder
inline constexpr const char* kProgramsVariable = "ORAMA_PROGRAMS";  // folders, with : between
inline constexpr const char* kShareVariable = "ORAMA_SHARE";
inline constexpr const char* kUnitsVariable = "ORAMA_UNITS";

std::map<std::string, std::string> dev_environment(const NodeRoot& root);

// Nothing outside of a development node. `own_program` is the path of the running `orama`.
std::optional<NodeRoot> root_from_environment(const std::string& own_program);

}  // namespace orama::installers
