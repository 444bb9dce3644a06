#include "cli/progress.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "installers/plan.h"

namespace orama::cli {
namespace {

using installers::StepProgress;

std::string_view name_of(StepProgress::State state) {
  switch (state) {
    case StepProgress::State::started:
      return "started";
    case StepProgress::State::working:
      return "working";
    case StepProgress::State::done:
      return "done";
    case StepProgress::State::unchanged:
      return "unchanged";
    case StepProgress::State::failed:
      return "failed";
    case StepProgress::State::skipped:
      return "skipped";
  }
  return "";
}

Style style_of(StepProgress::State state) {
  switch (state) {
    case StepProgress::State::done:
      return Style::good;
    case StepProgress::State::failed:
      return Style::bad;
    case StepProgress::State::skipped:
      return Style::warning;
    case StepProgress::State::started:
    case StepProgress::State::working:
    case StepProgress::State::unchanged:
      return Style::faint;
  }
  return Style::plain;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string cell(text);
  cell.append(cell.size() < width ? width - cell.size() : 0, ' ');
  return cell;
}

}  // namespace

std::string format_progress(const StepProgress& step) {
  const std::string total = std::to_string(step.total);
  std::string index = std::to_string(step.index);
  index.insert(0, index.size() < total.size() ? total.size() - index.size() : 0, '0');
  std::string line = "step=" + index + "/" + total + " name=" + step.name +
                     " state=" + std::string(name_of(step.state)) +
                     " ms=" + std::to_string(step.elapsed.count());
  if (!step.detail.empty()) {
    line +=
        " detail=" +
        nlohmann::json(step.detail).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return line;
}

std::string format_elapsed(std::chrono::milliseconds elapsed) {
  const long long ms = elapsed.count();
  if (ms < 1000) {
    return std::to_string(ms) + " ms";
  }
  if (ms < 60000) {
    return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
  }
  return std::to_string(ms / 60000) + " min " + std::to_string(ms / 1000 % 60) + " s";
}

void Progress::operator()(const StepProgress& step) {
  if (output_.err_is_terminal()) {
    show_on_terminal(step);
  } else if (step.state != StepProgress::State::working) {  // a log needs no line a change
    output_.note(format_progress(step));
  }
}

void Progress::show_on_terminal(const StepProgress& step) {
  constexpr std::size_t kStateWidth = 9;  // "unchanged"
  if (step.state == StepProgress::State::started || step.state == StepProgress::State::working) {
    running_[step.index] = step.title + (step.detail.empty() ? "" : ": " + step.detail);
  } else {
    running_.erase(step.index);
    std::string line =
        "  " + output_.paint_err(style_of(step.state), padded(name_of(step.state), kStateWidth)) +
        "  " + padded(step.title, 28);
    if (step.state == StepProgress::State::done || step.state == StepProgress::State::failed) {
      line += "  " + output_.paint_err(Style::faint, format_elapsed(step.elapsed));
    }
    output_.note(line);
  }
  if (!running_.empty()) {
    const auto& [index, what] = *running_.begin();
    output_.live("  " + std::to_string(index) + "/" + std::to_string(step.total) + "  " + what +
                 " …");
  }
}

}  // namespace orama::cli
