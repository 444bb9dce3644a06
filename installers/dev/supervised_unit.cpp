#include "installers/dev/supervised_unit.h"

#include <signal.h>
#include <stdlib.h>  // its W… macros, where it is included first
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/dev/child_process.h"
#include "installers/dev/node_root.h"
#include "installers/dev/unit_file.h"
#include "installers/dev/unit_start.h"
#include "installers/host/systemd.h"

namespace orama::installers {
namespace {

constexpr std::size_t kTailLines = 12;

std::string how_it_ended(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return "signal " + std::to_string(WTERMSIG(wait_status));
  }
  return "exit status " + std::to_string(WEXITSTATUS(wait_status));
}

bool ended_well(int wait_status) {
  return (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) ||
         (WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGTERM);
}

}  // namespace

SupervisedUnit::SupervisedUnit(const NodeRoot& root, std::string name, Clock& clock,
                               std::string notify_path)
    : root_(root),
      name_(std::move(name)),
      notify_path_(std::move(notify_path)),
      clock_(clock),
      log_(root.folder() + "/log/" + name_ + ".log"),
      start_(root, name_) {}

void SupervisedUnit::start() {
  if (phase_ == Phase::running) {
    settle({});
    return;
  }
  outcome_.reset();
  wanted_ = true;
  if (phase_ == Phase::stopping) {
    again_ = true;
  } else if (is_idle() || phase_ == Phase::resting) {
    queue();
  }
}

void SupervisedUnit::stop() {
  wanted_ = false;
  again_ = false;
  deadline_.reset();
  settle(make_error(Errc::interrupted, name_ + " of " + root_.name() + " was stopped meanwhile"));
  if (child_.pid == 0) {
    forget_child();
    enter(phase_ == Phase::failed ? Phase::failed : Phase::inactive);
    return;
  }
  if (phase_ != Phase::stopping) {
    enter(Phase::stopping);
    signal_group(child_.pid, SIGTERM);
  }
  deadline_ = clock_.steady_now() + file_.stop_within;
}

void SupervisedUnit::restart() {
  stop();
  start();
}

void SupervisedUnit::kill() {
  stop();
  signal_group(child_.pid, SIGKILL);
}

bool SupervisedUnit::is_starting() const {
  return phase_ == Phase::queued || phase_ == Phase::before || phase_ == Phase::starting;
}

void SupervisedUnit::enter(Phase phase) {
  if (phase != phase_) {
    since_ = format_rfc3339(clock_.wall_now());
  }
  phase_ = phase;
  deadline_.reset();
}

// Its file says what it comes after, so it is read before its turn.
void SupervisedUnit::queue() {
  enter(Phase::queued);
  loaded_well_ = load();
}

// Anew at each start: a unit file or a drop-in may have changed.
Result<void> SupervisedUnit::load() {
  TRY_VOID(log_.open());
  TRY(text, load_unit_text(root_, name_));
  TRY(file, parse_unit_file(text, name_));
  file_ = std::move(file);
  loaded_ = true;
  return {};
}

void SupervisedUnit::tick(bool may_begin) {
  const SteadyTime now = clock_.steady_now();
  if (phase_ == Phase::queued && may_begin) {
    begin();
    return;
  }
  if (!deadline_ || now < *deadline_) {
    return;
  }
  deadline_.reset();
  if (phase_ == Phase::resting) {
    ++restarts_;
    queue();
  } else if (phase_ == Phase::stopping) {
    log_.say("did not stop in time and is killed");
    signal_group(child_.pid, SIGKILL);
  } else if (phase_ == Phase::before || phase_ == Phase::starting) {
    signal_group(child_.pid, SIGKILL);  // its end is told by child_ended
    log_.say("was not ready in time and is killed");
  }
}

void SupervisedUnit::begin() {
  if (!loaded_well_.ok()) {
    start_failed(loaded_well_.error().full_message());
    return;
  }
  const std::string condition = failed_condition(root_, file_);
  if (!condition.empty()) {
    wanted_ = false;
    result_ = "condition";
    enter(Phase::inactive);
    settle({});
    return;
  }
  if (file_.type == UnitFile::Type::nothing) {
    became_ready();
    return;
  }
  const bool notifies = file_.type == UnitFile::Type::notify;
  auto prepared = notifies ? open_notify() : Result<void>();
  if (prepared.ok()) {
    prepared = start_.prepare(file_, notifies ? notify_path_ : "");
  }
  if (!prepared.ok()) {
    start_failed(prepared.error().full_message());
    return;
  }
  next_before_ = 0;
  enter(Phase::before);
  run_next();
}

// The next of ExecStartPre=, else the main process.
void SupervisedUnit::run_next() {
  const bool before = next_before_ < file_.before.size();
  const UnitCommand& command = before ? file_.before[next_before_] : file_.main;
  if (!before) {
    enter(Phase::starting);
  }
  if (const auto spawned = spawn(command); !spawned.ok()) {
    start_failed(spawned.error().full_message());
    return;
  }
  deadline_ = clock_.steady_now() + file_.start_within;
  if (!before && file_.type == UnitFile::Type::simple) {
    became_ready();
  }
}

Result<void> SupervisedUnit::spawn(const UnitCommand& command) {
  TRY(order, start_.order(file_, command, log_.write_end()));
  TRY(child, start_child(order));
  child_ = std::move(child);
  return write_file_atomically(record_path(), process_identity(child_.pid) + "\n");
}

void SupervisedUnit::became_ready() {
  enter(Phase::running);
  result_ = "success";
  settle({});
}

void SupervisedUnit::read_executed() {
  int failure = 0;
  const ssize_t count = read(child_.executed.get(), &failure, sizeof failure);
  if (count < 0) {
    return;  // not yet
  }
  child_.executed.reset();
  if (count == sizeof failure) {
    log_.say("cannot be run: " + std::generic_category().message(failure));
  } else if (phase_ == Phase::starting && file_.type == UnitFile::Type::exec) {
    became_ready();
  }
}

void SupervisedUnit::child_ended(int wait_status) {
  log_.drain();
  signal_group(child_.pid, SIGKILL);  // what it left behind
  const bool well = ended_well(wait_status);
  forget_child();
  if (phase_ == Phase::before) {
    const UnitCommand& command = file_.before[next_before_++];
    if ((WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) || command.may_fail) {
      run_next();
      return;
    }
    start_failed(command.words.front() + " ended with " + how_it_ended(wait_status));
    return;
  }
  if (phase_ == Phase::stopping) {
    ended(true, "success");
    return;
  }
  const bool one_shot = file_.type == UnitFile::Type::oneshot;
  if (phase_ == Phase::starting && !(one_shot && well)) {
    start_failed("it ended with " + how_it_ended(wait_status) + " before it was ready");
    return;
  }
  if (one_shot && file_.remain_after_exit) {
    became_ready();
    return;
  }
  settle({});
  log_.say("ended with " + how_it_ended(wait_status));
  ended(well, well ? "success" : WIFSIGNALED(wait_status) ? "signal" : "exit-code");
}

// Over: for now, for good, or to begin again.
void SupervisedUnit::ended(bool well, const std::string& result) {
  start_.clean_up();
  result_ = result;
  const bool again = wanted_ && (file_.restart == UnitFile::Restart::always ||
                                 (file_.restart == UnitFile::Restart::on_failure && !well));
  if (again_) {
    again_ = false;
    queue();
  } else if (again) {
    enter(Phase::resting);
    deadline_ = clock_.steady_now() + file_.restart_after;
  } else {
    enter(well ? Phase::inactive : Phase::failed);
  }
}

void SupervisedUnit::start_failed(const std::string& what) {
  if (log_.write_end() >= 0) {
    log_.say(what);
  }
  const std::string tail = log_.tail(kTailLines);
  settle(make_error(Errc::failed,
                    name_ + " of " + root_.name() + " did not start: " + what +
                        (tail.empty() ? "" : "\nIts last log lines:\n" + tail),
                    "orama dev logs " + root_.name() + " " + name_));
  ended(false, "exit-code");
}

void SupervisedUnit::settle(Result<void> outcome) {
  if (!outcome_) {
    outcome_ = std::move(outcome);
  }
}

void SupervisedUnit::forget_child() {
  child_ = Child();
  std::error_code failure;  // a record of a process that is gone is found out to be one
  std::filesystem::remove(record_path(), failure);
}

std::string SupervisedUnit::record_path() const {
  return root_.folder() + "/run/processes/" + name_;
}

UnitState SupervisedUnit::state() const {
  UnitState state;
  state.name = name_;
  state.load = loaded_ || load_unit_text(root_, name_).ok() ? "loaded" : "not-found";
  state.result = result_;
  state.since = since_;
  state.main_pid = phase_ == Phase::before ? 0 : child_.pid;
  switch (phase_) {
    case Phase::inactive:
      state.active = "inactive";
      state.sub = "dead";
      break;
    case Phase::failed:
      state.active = state.sub = "failed";
      break;
    case Phase::queued:
    case Phase::before:
      state.active = "activating";
      state.sub = "start-pre";
      break;
    case Phase::starting:
      state.active = "activating";
      state.sub = "start";
      break;
    case Phase::resting:
      state.active = "activating";
      state.sub = "auto-restart";
      break;
    case Phase::running:
      state.active = "active";
      state.sub = "running";
      break;
    case Phase::stopping:
      state.active = "deactivating";
      state.sub = "stop-sigterm";
      break;
  }
  return state;
}

}  // namespace orama::installers
