#include "cli/dev/dev_supervisor.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>  // its W… macros, where it is included first
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/dev/dev_layout.h"
#include "cli/session.h"
#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/dev/control_message.h"
#include "installers/dev/descriptor.h"
#include "installers/dev/supervised_node.h"
#include "installers/dev/unit_control.h"

extern char** environ;

namespace orama::cli {
namespace {

using installers::Descriptor;
using nlohmann::json;

constexpr std::chrono::seconds kStartWithin{10}, kEndWithin{90};
constexpr std::chrono::milliseconds kPoll{20};

std::vector<std::string> supervise_command(const DevLayout& layout) {
  std::vector<std::string> argv = {
      layout.programs.orama, "dev",     "supervise",          "--folder", layout.folder, "--units",
      layout.programs.units, "--share", layout.programs.share};
  for (const std::string& folder : layout.programs.folders) {
    argv.insert(argv.end(), {"--programs", folder});
  }
  return argv;
}

Result<pid_t> spawn_detached(const DevLayout& layout) {
  std::vector<std::string> argv = supervise_command(layout);
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (std::string& word : argv) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  const std::string log = layout.folder + "/supervisor.log";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int failure =
      posix_spawn(&pid, pointers.front(), &actions, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    return make_error(Errc::failed, "starting the supervisor: " + std::string(strerror(failure)));
  }
  return pid;
}

// Free: no supervisor lives.
bool lock_is_free(const DevLayout& layout) {
  const Descriptor lock(open((layout.folder + "/supervisor.lock").c_str(), O_RDWR | O_CLOEXEC));
  return !lock.valid() || flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

Error did_not_start(const DevLayout& layout) {
  const auto said = read_file(layout.folder + "/supervisor.log");
  return make_error(Errc::failed,
                    "the supervisor of the development cluster did not start" +
                        (said.ok() && !said->empty() ? ": " + *said : std::string()),
                    "look at " + layout.folder + "/supervisor.log");
}

}  // namespace

std::size_t DevNodeUnits::processes() const {
  return static_cast<std::size_t>(std::count_if(
      units.begin(), units.end(),
      [](const DevUnit& unit) { return unit.state.is_active() && unit.state.main_pid > 0; }));
}

std::vector<std::string> DevNodeUnits::not_running() const {
  std::vector<std::string> names;
  for (const DevUnit& unit : units) {
    if (!unit.state.is_active()) {
      names.push_back(unit.state.name);
    }
  }
  return names;
}

installers::SupervisorClient dev_supervisor(const DevLayout& layout) {
  return installers::SupervisorClient(layout.control_socket());
}

Result<bool> supervisor_runs(const DevLayout& layout) {
  const auto answer = dev_supervisor(layout).ask({"hello", "", {}, 0}, kStartWithin);
  if (answer.ok()) {
    return true;
  }
  return answer.error().code == Errc::unreachable ? Result<bool>(false) : answer.error();
}

Result<void> start_supervisor(Session& session, const DevLayout& layout) {
  TRY(pid, spawn_detached(layout));
  const SteadyTime deadline = session.host.clock.steady_now() + kStartWithin;
  for (;;) {
    TRY(runs, supervisor_runs(layout));
    if (runs) {
      return {};
    }
    const bool ended = waitpid(pid, nullptr, WNOHANG) == pid;
    if (ended || session.host.clock.steady_now() >= deadline) {
      return did_not_start(layout);
    }
    session.host.clock.sleep_for(kPoll);
  }
}

Result<bool> end_supervisor(Session& session, const DevLayout& layout) {
  const auto answer = dev_supervisor(layout).ask({"shutdown", "", {}, 0}, kEndWithin);
  if (!answer.ok() && answer.error().code != Errc::unreachable) {
    return answer.error();
  }
  const SteadyTime deadline = session.host.clock.steady_now() + kStartWithin;
  while (!lock_is_free(layout)) {
    if (session.host.clock.steady_now() >= deadline) {
      return make_error(Errc::timeout, "the supervisor of the development cluster does not end",
                        "look at " + layout.folder + "/supervisor.log");
    }
    session.host.clock.sleep_for(kPoll);
  }
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(layout.folder, failure)) {
    TRY_VOID(installers::kill_leftovers(entry.path().string()));
  }
  return answer.ok();
}

Result<std::vector<DevNodeUnits>> list_units(const DevLayout& layout) {
  TRY(answer, dev_supervisor(layout).ask({"list", "", {}, 0}, kStartWithin));
  std::vector<DevNodeUnits> nodes;
  for (const json& entry : answer.value("nodes", json::array())) {
    DevNodeUnits node;
    node.name = entry.value("name", "");
    node.off = entry.value("off", false);
    for (const json& unit : entry.value("units", json::array())) {
      TRY(state, installers::unit_state_from(unit));
      node.units.push_back({std::move(state), unit.value("restarts", 0)});
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::size_t memory_of(const DevNodeUnits& node) {
  constexpr std::size_t kKibibyte = 1024;
  std::size_t sum = 0;
  for (const DevUnit& unit : node.units) {
    const auto text = read_file("/proc/" + std::to_string(unit.state.main_pid) + "/smaps_rollup");
    const std::size_t at = text.ok() ? text->find("\nPss:") : std::string::npos;
    if (at == std::string::npos) {
      continue;
    }
    const std::size_t digits = text->find_first_of("0123456789", at);
    std::size_t kibibytes = 0;
    if (digits != std::string::npos) {
      std::from_chars(text->data() + digits, text->data() + text->size(), kibibytes);
    }
    sum += kibibytes * kKibibyte;
  }
  return sum;
}

}  // namespace orama::cli
