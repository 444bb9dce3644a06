// Something that the agent does again and again beside its main work: looking for the first public
// certificate, for one. Run on the agent's main thread: must end within a few seconds.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "common/api/desired.h"
#include "common/result.h"

namespace orama::installers {

struct PeriodicTask {
  std::string name;  // for the log when it fails
  std::function<Result<void>()> run;
  std::chrono::milliseconds interval = std::chrono::minutes(1);
  // Where the interval is not always the same: asked before each run. Empty: `interval`.
  std::function<std::chrono::milliseconds()> interval_now = {};
};

// The same, done to the desired state that is applied; each on a thread of its own, as it may wait
// for the registry. Run once a second and whenever another state was applied.
struct DesiredTask {
  std::string name;
  std::function<Result<void>(const api::Desired&)> run;
};

}  // namespace orama::installers
