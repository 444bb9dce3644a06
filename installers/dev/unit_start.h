// What has to stand before a process of a unit is started: its conditions, folders, credentials and
// environment, mapped to the node's root. Pure work on files; starts nothing. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/dev/child_process.h"
#include "installers/dev/node_root.h"
#include "installers/dev/unit_file.h"

namespace orama::installers {

// The text of a unit with its drop-ins, as systemd looks for it: the node's /etc/systemd/system,
// then the static units. not_found when there is none.
Result<std::string> load_unit_text(const NodeRoot& root, const std::string& name);

// "" when all conditions hold, else the first that does not.
std::string failed_condition(const NodeRoot& root, const UnitFile& unit);

class UnitStart {
 public:
  UnitStart(const NodeRoot& root, std::string name);

  // Folders and credentials, and the environment of the start that follows.
  Result<void> prepare(const UnitFile& unit, const std::string& notify_socket);
  // The process of one of its commands.
  Result<ChildOrder> order(const UnitFile& unit, const UnitCommand& command, int output) const;
  // Credentials go with the unit.
  void clean_up() const;

 private:
  Result<void> make_folders(const UnitFile& unit);
  Result<void> copy_credentials(const UnitFile& unit);
  Result<void> read_environment(const UnitFile& unit);

  const NodeRoot& root_;
  std::string name_, credentials_;
  std::vector<std::pair<std::string, std::string>> environment_;
};

}  // namespace orama::installers
