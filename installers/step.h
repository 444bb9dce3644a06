// A step is a named part of what a node is ("firewall", "registry"): what it depends on and the
// changes that make it so, worked out when its dependencies are done. Steps keep no state;
// everything they need comes with the NodeSpec they were made from.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "installers/change.h"

namespace orama::installers {

struct Step {
  std::string name;                // "registry": in progress lines, --skip, the receipt
  std::string title;               // "RQLite registry": for people
  std::vector<std::string> after;  // names of steps that must be done first
  // Looks at the host and gives the changes in order. Called for --plan too: never writes.
  std::function<Result<Changes>(Host&)> changes;
  // True for what an earlier run set and the step is to put back when `changes` no longer holds it
  // (the rule of a role that was dropped). None: nothing is put back before an uninstall.
  std::function<bool(std::string_view kind, std::string_view target)> retires = {};
};

}  // namespace orama::installers
