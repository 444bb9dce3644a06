// Something that the agent does again and again beside its main work: looking for the first public
// certificate, for one. Run on the agent's main thread: must end within a few seconds.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "common/result.h"

namespace orama::installers {

struct PeriodicTask {
  std::string name;  // for the log when it fails
  std::function<Result<void>()> run;
  std::chrono::milliseconds interval = std::chrono::minutes(1);
};

}  // namespace orama::installers
