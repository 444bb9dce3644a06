// One run of Plan::apply: which step may begin, who works on it, and the order of look, intent,
// effect and outcome around each change. Lives for the call; the worker threads end with it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/journal.h"
#include "installers/plan.h"
#include "installers/step.h"

namespace orama::installers {

class ApplyRun {
 public:
  ApplyRun(Host& host, const std::vector<Step>& steps, const std::vector<ChangeKind>& kinds,
           const Plan::Options& options, const ProgressObserver& observer, Journal& journal);
  Result<ApplySummary> run();

 private:
  enum class State { waiting, running, done, failed };
  struct Counts {
    std::size_t changed = 0, converged = 0;
  };

  void work();
  bool may_begin(const Step& step) const;
  std::optional<std::size_t> next_step() const;
  Result<Counts> run_step(const Step& step, std::size_t index);
  Result<Counts> run_changes(const Step& step, std::size_t index);
  Result<std::size_t> retire(const Step& step, std::size_t index, const Changes& changes);
  Result<bool> run_change(const Step& step, std::size_t index, Change& change);
  Result<void> apply_change(const Step& step, Change& change);
  Result<void> check_revertible(const Change& change) const;
  Result<void> check_interrupted(const std::string& before_what) const;
  void reach(const std::string& point) const;
  void tell(StepProgress progress);

  Host& host_;
  const std::vector<Step>& steps_;
  const std::vector<ChangeKind>& kinds_;
  const Plan::Options& options_;
  const ProgressObserver& observer_;
  Journal& journal_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<State> states_;
  std::size_t running_ = 0;
  ApplySummary summary_;
  std::optional<Error> failure_;

  std::mutex observer_mutex_;
};

// The names of a change's fault points, in the order in which apply reaches them.
std::vector<std::string> fault_point_names(const Step& step, const Change& change);

}  // namespace orama::installers
