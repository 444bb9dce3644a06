// Shows a plan's progress on standard error. On a terminal: a line per finished step and one live
// line for what runs now. Elsewhere one line per event that programs can read:
//   step=03/14 name=wireguard state=done ms=412
// Called by the plan from one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "cli/output.h"
#include "installers/plan.h"

namespace orama::cli {

class Progress {
 public:
  explicit Progress(Output& output) : output_(output) {}
  void operator()(const installers::StepProgress& step);

 private:
  void show_on_terminal(const installers::StepProgress& step);

  Output& output_;
  std::map<std::size_t, std::string> running_;  // by index: what the live line says
};

// The line for programs. `detail` is a JSON string, only there when the step has one.
std::string format_progress(const installers::StepProgress& step);

// "412 ms", "3.4 s", "2 min 5 s"
std::string format_elapsed(std::chrono::milliseconds elapsed);

}  // namespace orama::cli
