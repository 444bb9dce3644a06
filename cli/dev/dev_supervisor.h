// The supervisor of the development cluster, from the outside: whether it runs, starting it in the
// background, ending it, and what its units are.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/dev/dev_layout.h"
#include "cli/session.h"
#include "common/result.h"
#include "installers/dev/unit_control.h"
#include "installers/host/systemd.h"

namespace orama::cli {

struct DevUnit {
  installers::UnitState state;
  int restarts = 0;
};

struct DevNodeUnits {
  std::string name;
  bool off = false;  // by `orama dev kill`
  std::vector<DevUnit> units;

  std::size_t processes() const;
  std::vector<std::string> not_running() const;
};

installers::SupervisorClient dev_supervisor(const DevLayout& layout);
Result<bool> supervisor_runs(const DevLayout& layout);
// Returns when it answers.
Result<void> start_supervisor(Session& session, const DevLayout& layout);
// Ends it with all processes; without one, what it left running. True when something was ended.
Result<bool> end_supervisor(Session& session, const DevLayout& layout);
// Those that run or ran since its start; unreachable without a supervisor.
Result<std::vector<DevNodeUnits>> list_units(const DevLayout& layout);

// Proportional set size of the node's processes in bytes; 0 where the kernel does not say.
std::size_t memory_of(const DevNodeUnits& node);

}  // namespace orama::cli
