#include "installers/dev/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>  // its W… macros, where it is included first
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/dev/control_message.h"
#include "installers/dev/node_root.h"
#include "installers/dev/supervised_node.h"
#include "installers/dev/supervised_unit.h"

namespace orama::installers {
namespace {

namespace fs = std::filesystem;

constexpr int kLongestWait = 1000;  // ms

Error system_error(const std::string& what) {
  return make_error(Errc::failed, what + ": " + strerror(errno));
}

}  // namespace

Supervisor::Supervisor(std::string folder, DevPrograms programs, Clock& clock, const Log& log)
    : folder_(std::move(folder)), programs_(std::move(programs)), clock_(clock), log_(log) {}

Result<void> Supervisor::open() {
  TRY_VOID(take_lock());
  TRY_VOID(watch_signals());
  std::error_code failure;
  fs::remove_all(folder_ + "/notify", failure);
  fs::create_directories(folder_ + "/notify", failure);
  if (failure) {
    return make_error(Errc::failed, "making " + folder_ + "/notify: " + failure.message());
  }
  TRY_VOID(kill_all_leftovers());
  return listen();
}

Result<void> Supervisor::take_lock() {
  const std::string path = folder_ + "/supervisor.lock";
  lock_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_.valid()) {
    return system_error("opening " + path);
  }
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return make_error(Errc::locked, "another supervisor runs this development cluster");
  }
  return {};
}

Result<void> Supervisor::watch_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&wanted, number);
  }
  sigprocmask(SIG_BLOCK, &wanted, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signals_ = Descriptor(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  return signals_.valid() ? Result<void>() : system_error("watching signals");
}

Result<void> Supervisor::kill_all_leftovers() {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder_, failure)) {
    TRY_VOID(kill_leftovers(entry.path().string()));
  }
  return failure ? Result<void>(
                       make_error(Errc::failed, "looking at " + folder_ + ": " + failure.message()))
                 : Result<void>();
}

Result<SupervisedNode*> Supervisor::node(const std::string& name) {
  if (!is_dev_node_name(name)) {
    return make_error(Errc::invalid_argument, "an order needs the name of a node");
  }
  auto& known = nodes_[name];
  if (!known) {
    auto made = std::make_unique<SupervisedNode>(NodeRoot(folder_ + "/" + name, programs_), clock_,
                                                 folder_ + "/notify/" + name + ".");
    TRY_VOID(made->open());
    known = std::move(made);
  }
  return known.get();
}

Result<void> Supervisor::run() {
  log_.info("the supervisor runs", {{"folder", folder_}});
  while (!ending_ || !all_idle()) {
    for (const auto& [name, known] : nodes_) {
      known->tick();
    }
    answer_waiting();
    wait();
  }
  answer_waiting();
  log_.info("every process has ended");
  return {};
}

std::vector<Supervisor::Watch> Supervisor::watches() {
  std::vector<Watch> all;
  const auto add = [&all](int fd, std::function<void()> call) {
    if (fd >= 0) {
      all.emplace_back(pollfd{fd, POLLIN, 0}, std::move(call));
    }
  };
  add(signals_.get(), [this] { read_signal(); });
  add(listener_.get(), [this] { accept_connection(); });
  for (const auto& connection : connections_) {
    add(connection->waiting ? -1 : connection->socket.get(),
        [this, &one = *connection] { read_request(one); });
  }
  for (const auto& [name, known] : nodes_) {
    for (const auto& [unit_name, owned] : known->units()) {
      SupervisedUnit& unit = *owned;
      add(unit.executed_fd(), [&unit] { unit.read_executed(); });
      add(unit.notify_fd(), [&unit] { unit.read_notification(); });
      add(unit.log_fd(), [&unit] { unit.read_log(); });
    }
  }
  return all;
}

int Supervisor::patience() const {
  std::optional<SteadyTime> earliest;
  for (const auto& [name, known] : nodes_) {
    const auto due = known->deadline();
    if (due && (!earliest || *due < *earliest)) {
      earliest = due;
    }
  }
  if (!earliest) {
    return kLongestWait;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*earliest - clock_.steady_now());
  return static_cast<int>(std::clamp<long long>(left.count(), 0, kLongestWait));
}

void Supervisor::wait() {
  std::vector<Watch> all = watches();
  std::vector<pollfd> entries;
  entries.reserve(all.size());
  for (const Watch& watch : all) {
    entries.push_back(watch.first);
  }
  if (poll(entries.data(), entries.size(), patience()) <= 0) {
    return;
  }
  // Back to front: a unit's words are read before its end is known, and nothing that a call makes
  // or unmakes is looked at any more.
  for (std::size_t i = entries.size(); i-- > 0;) {
    if (entries[i].revents != 0) {
      all[i].second();
    }
  }
  std::erase_if(connections_, [](const auto& one) { return !one->socket.valid(); });
}

void Supervisor::read_signal() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGCHLD) {
      log_.info("asked to end", {{"signal", std::to_string(info.ssi_signo)}});
      stop_all();
    }
  }
  reap();
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    for (const auto& [name, known] : nodes_) {
      if (SupervisedUnit* unit = known->unit_of(pid); unit != nullptr) {
        log_.debug("a process ended", {{"node", name},
                                       {"unit", unit->name()},
                                       {"pid", std::to_string(pid)},
                                       {"wait_status", std::to_string(status)}});
        unit->child_ended(status);
        break;
      }
    }
  }
}

void Supervisor::stop_all() {
  ending_ = true;
  for (const auto& [name, known] : nodes_) {
    known->stop();
  }
}

bool Supervisor::all_idle() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const auto& entry) { return entry.second->is_idle(); });
}

}  // namespace orama::installers
