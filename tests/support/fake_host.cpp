#include "tests/support/fake_host.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::tests {

using installers::Command;
using installers::CommandOutput;

Result<CommandOutput> FakeCommands::run(const Command& command) {
  const std::string text = command.to_string();
  Handler handler;
  {
    const std::scoped_lock lock(mutex_);
    calls_.push_back(text);
    std::size_t longest = 0;
    for (const auto& [prefix, candidate] : handlers_) {
      if (prefix.size() > longest && text.starts_with(prefix)) {
        longest = prefix.size();
        handler = candidate;
      }
    }
    if (!handler && command.argv.front() == "systemctl") {
      return systemctl({command.argv.begin() + 1, command.argv.end()});
    }
  }
  if (!handler) {
    return make_error(Errc::not_found, "there is no program `" + command.argv.front() + "`");
  }
  return handler(command);
}

void FakeCommands::on(const std::string& prefix, Handler handler) {
  const std::scoped_lock lock(mutex_);
  handlers_[prefix] = std::move(handler);
}

void FakeCommands::on(const std::string& prefix, std::string out, int exit_status,
                      std::string err) {
  CommandOutput output;
  output.exit_status = exit_status;
  output.out = std::move(out);
  output.err = std::move(err);
  on(prefix, [output](const Command&) -> Result<CommandOutput> { return output; });
}

void FakeCommands::add_unit(const std::string& name, FakeUnit unit) {
  const std::scoped_lock lock(mutex_);
  units_[name] = std::move(unit);
}

FakeUnit& FakeCommands::unit(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  ORAMA_ASSERT(units_.contains(name));
  return units_[name];
}

std::string FakeCommands::unit_snapshot() const {
  const std::scoped_lock lock(mutex_);
  std::string text;
  for (const auto& [name, unit] : units_) {
    text += name + " " + unit.active + " " + unit.enabled + "\n";
  }
  return text;
}

std::vector<std::string> FakeCommands::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

std::size_t FakeCommands::count(const std::string& prefix) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      calls_.begin(), calls_.end(), [&](const auto& call) { return call.starts_with(prefix); }));
}

void FakeCommands::forget_calls() {
  const std::scoped_lock lock(mutex_);
  calls_.clear();
}

std::string FakeCommands::describe_unit(const std::string& name) const {
  FakeUnit unit;
  unit.load = "not-found";
  unit.enabled = "";
  if (const auto found = units_.find(name); found != units_.end()) {
    unit = found->second;
  }
  return "MainPID=" + std::to_string(unit.main_pid) + "\nResult=" + unit.result +
         "\nLoadState=" + unit.load + "\nActiveState=" + unit.active +
         "\nSubState=" + (unit.active == "active" ? "running" : "dead") +
         "\nUnitFileState=" + unit.enabled +
         "\nStateChangeTimestamp=" + (unit.starts > 0 ? "@1795541239" : "") + "\n";
}

CommandOutput FakeCommands::systemctl(const std::vector<std::string>& arguments) {
  CommandOutput output;
  std::string verb;
  bool names = false;
  for (const std::string& argument : arguments) {
    if (argument == "--") {
      names = true;
    } else if (verb.empty() && !argument.starts_with("-")) {
      verb = argument;
    } else if (names && verb == "show") {
      output.out += (output.out.empty() ? "" : "\n") + describe_unit(argument);
    } else if (names) {
      output = change_unit(verb, argument);
    }
  }
  return output;
}

CommandOutput FakeCommands::change_unit(const std::string& verb, const std::string& name) {
  CommandOutput output;
  const auto found = units_.find(name);
  if (found == units_.end()) {
    output.exit_status = 5;
    output.err = "Failed to " + verb + " " + name + ": Unit " + name + " not found.";
    return output;
  }
  FakeUnit& unit = found->second;
  if (verb == "enable" || verb == "disable") {
    unit.enabled = verb + "d";
  } else if (verb == "stop") {
    unit.active = "inactive";
    ++unit.stops;
  } else if (verb == "start" || verb == "restart" || verb == "reload") {
    if (unit.fails_to_start) {
      unit.active = "failed";
      unit.result = "exit-code";
      output.exit_status = 1;
      output.err = "Job for " + name + " failed because the control process exited.";
      return output;
    }
    ++(verb == "start" ? unit.starts : verb == "restart" ? unit.restarts : unit.reloads);
    unit.active = "active";
    if (unit.on_run) {
      unit.on_run();
    }
  }
  return output;
}

Result<HttpResponse> FakeHttp::send(const HttpRequest& request) {
  Handler handler;
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
    handler = handler_;
  }
  return handler ? handler(request)
                 : make_error(Errc::unreachable, "nothing answers at " + request.url);
}

void FakeHttp::on_request(Handler handler) {
  const std::scoped_lock lock(mutex_);
  handler_ = std::move(handler);
}

std::vector<HttpRequest> FakeHttp::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

WallTime FakeClock::wall_now() const {
  const std::scoped_lock lock(mutex_);
  return WallTime(std::chrono::seconds(1795521600)) + elapsed_;
}

SteadyTime FakeClock::steady_now() const {
  const std::scoped_lock lock(mutex_);
  return SteadyTime(std::chrono::hours(1)) + elapsed_;
}

void FakeClock::sleep_for(std::chrono::milliseconds duration) {
  const std::scoped_lock lock(mutex_);
  elapsed_ += duration;
}

std::string FixedRandom::bytes(std::size_t count) {
  const std::scoped_lock lock(mutex_);
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    next_ = next_ * 1103515245U + 12345U;
    result += static_cast<char>((next_ >> 16) & 0xff);
  }
  return result;
}

}  // namespace orama::tests
