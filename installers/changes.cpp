#include "installers/changes.h"

#include <cstdio>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "installers/change.h"
#include "installers/change_reverts.h"
#include "installers/host/files.h"

namespace orama::installers {
namespace {

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

}  // namespace

std::vector<ChangeKind> shared_change_kinds() {
  return {{"directory", revert_directory},
          {"file", revert_file},
          {"secret-file", revert_secret_file},
          {"unit", revert_unit}};
}

std::string to_string(const FileOwnership& ownership) {
  return octal(ownership.mode) + " " + ownership.owner + ":" + ownership.group;
}

nlohmann::json ownership_json(const FileOwnership& ownership) {
  return {{"mode", octal(ownership.mode)}, {"owner", ownership.owner}, {"group", ownership.group}};
}

FileOwnership ownership_of(const FileStatus& status) {
  return FileOwnership{status.mode, status.owner, status.group};
}

FileOwnership ownership_from(const nlohmann::json& json) {
  FileOwnership ownership;
  const std::string mode = json.value("mode", "0600");
  ownership.mode = static_cast<mode_t>(std::strtoul(mode.c_str(), nullptr, 8)) & 07777;
  ownership.owner = json.value("owner", "root");
  ownership.group = json.value("group", "root");
  return ownership;
}

bool has_ownership(const FileStatus& status, const FileOwnership& ownership) {
  // A file system that keeps no owners (a development node's, dev/rooted_files.h) says none.
  return status.mode == ownership.mode &&
         (status.owner.empty() || status.owner == ownership.owner) &&
         (status.group.empty() || status.group == ownership.group);
}

}  // namespace orama::installers
