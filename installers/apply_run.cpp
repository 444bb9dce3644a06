#include "installers/apply_run.h"

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/entry_revert.h"
#include "installers/host/disk_space.h"
#include "installers/host/host.h"
#include "installers/journal.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "installers/step.h"

namespace orama::installers {
namespace {

constexpr const char* kGoesOn = "Type the same command again: it goes on where it stopped.";

std::string name_of(const Change& change) {
  return std::string(change.kind()) + ":" + change.target();
}

std::string point(const Step& step, const Change& change, const char* where) {
  return step.name + "/" + name_of(change) + "/" + where;
}

}  // namespace

std::vector<std::string> fault_point_names(const Step& step, const Change& change) {
  if (change.wanted().is_null()) {
    return {point(step, change, "before"), point(step, change, "after")};
  }
  return {point(step, change, "before"), point(step, change, "intended"),
          point(step, change, "applied"), point(step, change, "after")};
}

ApplyRun::ApplyRun(Host& host, const std::vector<Step>& steps, const std::vector<ChangeKind>& kinds,
                   const Plan::Options& options, const ProgressObserver& observer, Journal& journal)
    : host_(host),
      steps_(steps),
      kinds_(kinds),
      options_(options),
      observer_(observer),
      journal_(journal),
      states_(steps.size(), State::waiting) {}

Result<ApplySummary> ApplyRun::run() {
  // With one worker nothing but the caller's thread runs: a test may stop a run by an exception.
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < options_.parallel; ++i) {
    helpers.emplace_back([this] { work(); });
  }
  work();
  for (std::thread& helper : helpers) {
    helper.join();
  }
  if (!failure_) {
    TRY_VOID(journal_.complete());
    return summary_;
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (states_[i] == State::waiting) {
      tell({i + 1,
            steps_.size(),
            steps_[i].name,
            steps_[i].title,
            StepProgress::State::skipped,
            {},
            {}});
    }
  }
  return journal_.fail(with_full_disk(host_.commands, std::move(*failure_)));
}

bool ApplyRun::may_begin(const Step& step) const {
  for (const std::string& name : step.after) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].name == name && states_[i] != State::done) {
        return false;
      }
    }
  }
  return true;
}

std::optional<std::size_t> ApplyRun::next_step() const {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (states_[i] == State::waiting && may_begin(steps_[i])) {
      return i;
    }
  }
  return std::nullopt;
}

void ApplyRun::work() {
  std::unique_lock lock(mutex_);
  while (!failure_) {
    const auto index = next_step();
    if (!index) {
      if (running_ == 0) {
        break;
      }
      changed_.wait(lock);
      continue;
    }
    states_[*index] = State::running;
    ++running_;
    lock.unlock();
    auto ended = run_step(steps_[*index], *index);
    lock.lock();
    --running_;
    states_[*index] = ended.ok() ? State::done : State::failed;
    if (ended.ok()) {
      summary_.changed += ended->changed;
      summary_.converged += ended->converged;
    } else if (!failure_) {
      failure_ = std::move(ended).error();
    }
    changed_.notify_all();
  }
}

Result<ApplyRun::Counts> ApplyRun::run_step(const Step& step, std::size_t index) {
  StepProgress progress{
      index + 1, steps_.size(), step.name, step.title, StepProgress::State::started, {}, {}};
  tell(progress);
  const SteadyTime begun = host_.clock.steady_now();
  auto counts = run_changes(step, index).while_doing("step " + step.name);
  progress.elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(host_.clock.steady_now() - begun);
  if (!counts.ok()) {
    progress.state = StepProgress::State::failed;
    progress.detail = counts.error().message;
  } else {
    progress.state =
        counts->changed > 0 ? StepProgress::State::done : StepProgress::State::unchanged;
  }
  tell(progress);
  return counts;
}

Result<ApplyRun::Counts> ApplyRun::run_changes(const Step& step, std::size_t index) {
  TRY_VOID(check_interrupted("the step " + step.name));
  Counts counts;
  TRY(changes, step.changes(host_));
  TRY(retired, retire(step, index, changes));
  counts.changed = retired;
  for (const auto& change : changes) {
    TRY_VOID(check_interrupted(name_of(*change)));
    TRY(applied, run_change(step, index, *change));
    (applied ? counts.changed : counts.converged) += 1;
  }
  return counts;
}

// Before the step's own changes, so that these refresh the units that ran on what was put back.
// Killed in between, a re-run finds it as it was before orama, which counts as put back.
Result<std::size_t> ApplyRun::retire(const Step& step, std::size_t index, const Changes& changes) {
  std::size_t put_back = 0;
  for (const ReceiptEntry& entry : retired_entries(journal_.entries(), step, changes)) {
    const std::string name = entry.kind + ":" + entry.target;
    TRY_VOID(check_interrupted("putting back " + name));
    TRY_VOID(journal_.begin());
    tell({index + 1,
          steps_.size(),
          step.name,
          step.title,
          StepProgress::State::working,
          {},
          "putting back " + name});
    reach(step.name + "/retire/" + name + "/before");
    RevertContext context{host_};
    const Reverted reverted = revert_entry(context, kinds_, entry);
    reach(step.name + "/retire/" + name + "/reverted");
    TRY_VOID(journal_.retire(entry, context.stale_units, reverted.reason));
    if (reverted.outcome == Reverted::Outcome::restored) {
      ++put_back;
    } else {
      const std::scoped_lock lock(mutex_);
      summary_.left.push_back({entry.kind, entry.target, reverted.reason});
    }
  }
  return put_back;
}

Result<bool> ApplyRun::run_change(const Step& step, std::size_t index, Change& change) {
  std::set<std::string> stale = journal_.stale_units();
  ChangeContext context{host_, stale, journal_.recorded(change), options_.interrupted};
  TRY(converged, change.converged(context));
  if (converged) {
    // Whether a wait is over before its turn is chance: it can be killed at its points either way.
    if (change.wanted().is_null()) {
      reach(point(step, change, "before"));
      reach(point(step, change, "after"));
    }
    TRY_VOID(journal_.found_done(change));
    return false;
  }
  tell({index + 1,
        steps_.size(),
        step.name,
        step.title,
        StepProgress::State::working,
        {},
        name_of(change)});
  reach(point(step, change, "before"));
  TRY_VOID(apply_change(step, change));
  reach(point(step, change, "after"));
  return !change.wanted().is_null();
}

Result<void> ApplyRun::apply_change(const Step& step, Change& change) {
  const bool recorded = !change.wanted().is_null();
  if (recorded) {
    TRY_VOID(check_revertible(change));
    std::set<std::string> stale = journal_.stale_units();
    ChangeContext context{host_, stale, journal_.recorded(change), options_.interrupted};
    TRY(prior, change.prior(context));
    TRY_VOID(journal_.intend(step.name, change, prior));
    reach(point(step, change, "intended"));
  }
  const std::set<std::string> before = journal_.stale_units();
  std::set<std::string> after = before;
  ChangeContext context{host_, after, journal_.recorded(change), options_.interrupted};
  TRY_VOID(change.apply(context));
  if (recorded) {
    reach(point(step, change, "applied"));
    TRY_VOID(journal_.done(change, before, after));
  }
  return {};
}

// A kind that change_kinds() forgets would install what no uninstall takes back.
Result<void> ApplyRun::check_revertible(const Change& change) const {
  for (const ChangeKind& kind : kinds_) {
    if (kind.name == change.kind()) {
      return {};
    }
  }
  return make_error(Errc::failed, "nothing could revert " + name_of(change) +
                                      ": its kind is not in the plan's list");
}

Result<void> ApplyRun::check_interrupted(const std::string& before_what) const {
  if (options_.interrupted != nullptr && options_.interrupted->load()) {
    return make_error(
        Errc::interrupted,
        "interrupted before " + before_what + ", between two changes: nothing is half done",
        kGoesOn);
  }
  return {};
}

void ApplyRun::reach(const std::string& name) const {
  if (options_.fault_hook) {
    options_.fault_hook(name);
  } else {
    fault_point(name);
  }
}

void ApplyRun::tell(StepProgress progress) {
  const std::scoped_lock lock(observer_mutex_);
  if (observer_) {
    observer_(progress);
  }
}

}  // namespace orama::installers
