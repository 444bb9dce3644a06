#include "cli/dev/dev_progress.h"

#include <chrono>
#include <string>
#include <utility>

#include "cli/output.h"
#include "cli/progress.h"
#include "installers/plan.h"

namespace orama::cli {

using State = installers::StepProgress::State;

DevProgress::DevProgress(Output& output, std::string node)
    : output_(output), node_(std::move(node)), begun_(std::chrono::steady_clock::now()) {}

void DevProgress::operator()(const installers::StepProgress& step) {
  changed_ += step.state == State::done ? 1 : 0;
  if (!output_.err_is_terminal()) {
    if (step.state == State::done || step.state == State::failed) {
      output_.note("node=" + node_ + " " + format_progress(step));
    }
    return;
  }
  if (step.state == State::started || step.state == State::working) {
    output_.live("  " + node_ + "  " + std::to_string(step.index) + "/" +
                 std::to_string(step.total) + "  " + step.title +
                 (step.detail.empty() ? "" : ": " + step.detail) + " …");
  }
}

void DevProgress::finish() {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun_);
  if (output_.err_is_terminal()) {
    output_.note("  " +
                 output_.paint_err(changed_ > 0 ? Style::good : Style::faint,
                                   changed_ > 0 ? "done     " : "unchanged") +
                 "  " + node_ + "  " + output_.paint_err(Style::faint, format_elapsed(elapsed)));
  } else {
    output_.note("node=" + node_ + " state=" + (changed_ > 0 ? "done" : "unchanged") +
                 " ms=" + std::to_string(elapsed.count()));
  }
}

}  // namespace orama::cli
