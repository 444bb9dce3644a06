#include "installers/dev/dev_environment.h"

#include <cstddef>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "installers/dev/node_root.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string joined(const std::vector<std::string>& folders) {
  std::string text;
  for (const std::string& folder : folders) {
    text += (text.empty() ? "" : ":") + folder;
  }
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> folders;
  while (!text.empty()) {
    const std::size_t end = text.find(':');
    if (end > 0) {
      folders.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return folders;
}

}  // namespace

std::map<std::string, std::string> dev_environment(const NodeRoot& root) {
  const DevPrograms& programs = root.programs();
  return {{kRootVariable, root.folder()},
          {kProgramsVariable, joined(programs.folders)},
          {kShareVariable, programs.share},
          {kUnitsVariable, programs.units}};
}

std::optional<NodeRoot> root_from_environment(const std::string& own_program) {
  std::string folder = variable(kRootVariable);
  while (folder.ends_with('/')) {
    folder.pop_back();
  }
  if (!folder.starts_with('/')) {
    return std::nullopt;
  }
  DevPrograms programs;
  programs.orama = own_program;
  programs.folders = split(variable(kProgramsVariable));
  const std::string share = variable(kShareVariable);
  programs.share = share.empty() ? paths::kShare : share;
  programs.units = variable(kUnitsVariable);
  return NodeRoot(std::move(folder), std::move(programs));
}

}  // namespace orama::installers
