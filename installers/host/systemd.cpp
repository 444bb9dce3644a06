#include "installers/host/systemd.h"

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kJobTimeout{120};

template <class Number>
Number number_or_zero(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "@1732468412" (--timestamp=unix) as RFC 3339; "" for a unit that never changed.
std::string time_of(std::string_view text) {
  if (text.empty() || text.front() != '@') {
    return "";
  }
  const auto seconds = number_or_zero<long long>(text.substr(1));
  return format_rfc3339(WallTime(std::chrono::seconds(seconds)));
}

void set_property(UnitState& state, std::string_view name, std::string_view value) {
  if (name == "LoadState") {
    state.load = value;
  } else if (name == "ActiveState") {
    state.active = value;
  } else if (name == "SubState") {
    state.sub = value;
  } else if (name == "UnitFileState") {
    state.enabled = value;
  } else if (name == "Result") {
    state.result = value;
  } else if (name == "StateChangeTimestamp") {
    state.since = time_of(value);
  } else if (name == "MainPID") {
    state.main_pid = number_or_zero<int>(value);
  }
}

// Blocks of Name=value lines, one a unit in the order asked for, an empty line between.
std::vector<UnitState> parse_show(std::string_view text) {
  std::vector<UnitState> states;
  bool in_block = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) {
      in_block = false;
      continue;
    }
    if (!in_block) {
      states.emplace_back();
      in_block = true;
    }
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      set_property(states.back(), line.substr(0, equals), line.substr(equals + 1));
    }
  }
  return states;
}

Command systemctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "systemctl");
  Command command(std::move(arguments));
  command.timeout = kJobTimeout;
  return command;
}

std::string last_log_lines(CommandRunner& runner, const std::string& unit) {
  const auto log =
      runner.run(Command({"journalctl", "--no-pager", "-o", "cat", "-n", "12", "-u", unit}));
  return log.ok() && log->ok() ? log->out : std::string();
}

// A job that starts something: what went wrong stands in the unit's log, not in systemctl's words.
Result<void> start_job(CommandRunner& runner, const char* verb, const std::string& unit) {
  const auto done = run_checked(runner, systemctl({verb, "--", unit}));
  if (done.ok()) {
    return {};
  }
  Error error = done.error();
  const std::string log = last_log_lines(runner, unit);
  error.message = unit + " did not " + verb + ": " + error.message;
  if (!log.empty()) {
    error.message += "\nIts last log lines:\n" + log;
  }
  error.hint = "Look at `journalctl -u " + unit + "`.";
  return error;
}

Result<void> job(CommandRunner& runner, std::vector<std::string> arguments) {
  TRY_VOID(run_checked(runner, systemctl(std::move(arguments))));
  return {};
}

}  // namespace

Result<std::vector<UnitState>> Systemctl::states(const std::vector<std::string>& units) {
  std::vector<std::string> arguments = {
      "show", "--no-pager", "--timestamp=unix",
      "--property=LoadState,ActiveState,SubState,UnitFileState,Result,StateChangeTimestamp,MainPID",
      "--"};
  arguments.insert(arguments.end(), units.begin(), units.end());
  TRY(text, run_checked(runner_, systemctl(std::move(arguments))));
  std::vector<UnitState> states = parse_show(text);
  if (states.size() != units.size()) {
    return make_error(Errc::failed, "systemctl described " + std::to_string(states.size()) +
                                        " units where " + std::to_string(units.size()) +
                                        " were asked for");
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    states[i].name = units[i];
  }
  return states;
}

Result<UnitState> Systemd::state(const std::string& unit) {
  TRY(all, states({unit}));
  return std::move(all.front());
}

Result<void> Systemctl::daemon_reload() {
  return job(runner_, {"daemon-reload"});
}
Result<void> Systemctl::start(const std::string& unit) {
  return start_job(runner_, "start", unit);
}
Result<void> Systemctl::stop(const std::string& unit) {
  return job(runner_, {"stop", "--", unit});
}
Result<void> Systemctl::restart(const std::string& unit) {
  return start_job(runner_, "restart", unit);
}
Result<void> Systemctl::reload(const std::string& unit) {
  return start_job(runner_, "reload", unit);
}
Result<void> Systemctl::enable(const std::string& unit) {
  return job(runner_, {"--quiet", "enable", "--", unit});
}
Result<void> Systemctl::disable(const std::string& unit) {
  return job(runner_, {"--quiet", "disable", "--", unit});
}
Result<void> Systemctl::reset_failed(const std::string& unit) {
  return job(runner_, {"reset-failed", "--", unit});
}

}  // namespace orama::installers
