#include "installers/dev/supervised_node.h"

#include <sched.h>  // pid_t, where it is included first
#include <signal.h>

#include <sys/types.h>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/dev/child_process.h"
#include "installers/dev/node_root.h"
#include "installers/dev/supervised_unit.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<void> kill_leftovers(const std::string& node_folder) {
  const std::string folder = node_folder + "/run/processes";
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    return {};
  }
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    const auto record = read_file(entry.path().string());
    const auto pid = record.ok() ? living_process(*record) : std::nullopt;
    if (pid) {
      signal_group(*pid, SIGKILL);
    }
    fs::remove(entry.path(), failure);
  }
  return failure ? Result<void>(
                       make_error(Errc::failed, "looking at " + folder + ": " + failure.message()))
                 : Result<void>();
}

SupervisedNode::SupervisedNode(NodeRoot root, Clock& clock, std::string notify_prefix)
    : root_(std::move(root)),
      name_(root_.name()),
      clock_(clock),
      notify_prefix_(std::move(notify_prefix)) {}

Result<void> SupervisedNode::open() {
  for (const char* folder : {"/log", "/run/processes", "/run/credentials"}) {
    std::error_code failure;
    fs::create_directories(root_.folder() + folder, failure);
    if (failure) {
      return make_error(Errc::failed,
                        "making " + root_.folder() + folder + ": " + failure.message());
    }
  }
  const auto text = read_file(enabled_path());
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? Result<void>() : text.error();
  }
  for (std::string_view rest = *text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    enabled_.emplace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

SupervisedUnit& SupervisedNode::unit(const std::string& name) {
  auto& unit = units_[name];
  if (!unit) {
    unit = std::make_unique<SupervisedUnit>(root_, name, clock_,
                                            notify_prefix_ + std::to_string(units_.size()));
  }
  return *unit;
}

UnitState SupervisedNode::state(const std::string& unit_name) {
  const auto known = units_.find(unit_name);
  UnitState state;
  if (known != units_.end()) {
    state = known->second->state();
  } else {
    state = SupervisedUnit(root_, unit_name, clock_, "").state();
  }
  state.enabled = enabled_.contains(unit_name) ? "enabled" : "disabled";
  return state;
}

Result<void> SupervisedNode::enable(const std::string& unit) {
  enabled_.insert(unit);
  return save_enabled();
}

Result<void> SupervisedNode::disable(const std::string& unit) {
  enabled_.erase(unit);
  return save_enabled();
}

std::string SupervisedNode::enabled_path() const {
  return root_.folder() + "/run/enabled";
}

Result<void> SupervisedNode::save_enabled() const {
  std::string text;
  for (const std::string& unit : enabled_) {
    text += unit + "\n";
  }
  return write_file_atomically(enabled_path(), text);
}

void SupervisedNode::boot() {
  off_until_.reset();
  if (!enabled_.contains(paths::kTarget)) {
    return;
  }
  for (const std::string& name : enabled_) {
    unit(name).start();
  }
}

void SupervisedNode::stop() {
  off_until_.reset();
  for (const auto& [name, unit] : units_) {
    unit->stop();
  }
}

void SupervisedNode::cut_power(SteadyTime until) {
  for (const auto& [name, unit] : units_) {
    unit->kill();
  }
  off_until_ = until;
}

bool SupervisedNode::is_idle() const {
  return std::all_of(units_.begin(), units_.end(),
                     [](const auto& entry) { return entry.second->is_idle(); });
}

// What it comes after has settled; what this node does not have is not waited for.
bool SupervisedNode::may_begin(const SupervisedUnit& unit) const {
  return std::none_of(unit.file().after.begin(), unit.file().after.end(),
                      [this](const std::string& name) {
                        const auto other = units_.find(name);
                        return other != units_.end() && other->second->is_starting();
                      });
}

void SupervisedNode::tick() {
  if (off_until_ && is_idle() && clock_.steady_now() >= *off_until_) {
    boot();
  }
  for (const auto& [name, unit] : units_) {
    unit->tick(may_begin(*unit));
  }
}

std::optional<SteadyTime> SupervisedNode::deadline() const {
  std::optional<SteadyTime> earliest = off_until_;
  for (const auto& [name, unit] : units_) {
    const auto due = unit->deadline();
    if (due && (!earliest || *due < *earliest)) {
      earliest = due;
    }
  }
  return earliest;
}

SupervisedUnit* SupervisedNode::unit_of(pid_t pid) {
  for (const auto& [name, unit] : units_) {
    if (unit->pid() == pid) {
      return unit.get();
    }
  }
  return nullptr;
}

}  // namespace orama::installers
