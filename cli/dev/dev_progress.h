// Progress of one node's plan on standard error: on a terminal one live line a node, which stays
// when the node is done; elsewhere one line a step that did something:
//   node=node2 step=05/09 name=registry state=done ms=812
// Called by the plan from one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "cli/output.h"
#include "installers/plan.h"

namespace orama::cli {

class DevProgress {
 public:
  DevProgress(Output& output, std::string node);
  void operator()(const installers::StepProgress& step);
  // The line that stays.
  void finish();
  std::size_t changed() const { return changed_; }  // steps that did something

 private:
  Output& output_;
  const std::string node_;
  const std::chrono::steady_clock::time_point begun_;
  std::size_t changed_ = 0;
};

}  // namespace orama::cli
