// The plan engine. One ordered list of steps, read in four ways: apply what is not converged
// (install, resume), say what is not (--plan, status), revert it (uninstall). Independent steps run
// in parallel. Being done already is success and writes nothing: no receipt, no log file. Killed
// anywhere, a re-run converges to the same state. Prints nothing: progress goes to an observer.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/log.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/receipt.h"
#include "installers/step.h"

namespace orama::installers {

struct StepProgress {
  std::size_t index = 0, total = 0;  // 1-based
  std::string name, title;
  // working: a change of the step begins (detail says which). skipped: not begun, another step
  // failed.
  enum class State { started, working, done, unchanged, failed, skipped } state = State::started;
  std::chrono::milliseconds elapsed{0};
  std::string detail;  // of a failure, or what is being done now
};
using ProgressObserver =
    std::function<void(const StepProgress&)>;  // called from one thread at a time

struct PlannedChange {
  std::string step, kind, target, description;
  std::string
      problem;  // why apply would stop here ("" : it would not): a foreign file in the way, say
};

struct LeftBehind {
  std::string kind, target, reason;
};

struct ApplySummary {
  std::size_t changed = 0;    // changes applied in this run, or put back as no longer wanted
  std::size_t converged = 0;  // changes that were so already
  // No longer wanted, and not as orama left it: somebody else's now, and off the receipt.
  std::vector<LeftBehind> left;
};

struct RevertSummary {
  std::size_t restored = 0;
  std::vector<LeftBehind>
      left;  // changed since by somebody, or not revertible: wants an operator's eyes
  std::vector<LeftBehind> kept;  // data and keys, by DataPolicy::keep
};

class Plan {
 public:
  // Fails on an unknown or circular dependency.
  static Result<Plan> make(std::vector<Step> steps, std::vector<ChangeKind> kinds);

  // The changes that apply would make now, in order. Writes nothing.
  Result<std::vector<PlannedChange>> pending(Host& host,
                                             const std::string& receipt_path = kReceiptPath) const;
  // Every fault point of apply on this host, for the kill matrix.
  Result<std::vector<std::string>> fault_points(Host& host) const;

  struct Options {
    std::string receipt_path = kReceiptPath;
    std::string lock_path = "/run/orama-install.lock";
    std::string log_folder =
        "/var/log/orama";  // install-<time>.log, made only when something changes
    std::string version;   // of this orama, for the receipt
    nlohmann::json spec;
    const std::atomic<bool>* interrupted =
        nullptr;  // checked between changes: interrupted, with how to resume
    // part: more steps follow in another apply, so that success is not yet the install's.
    enum class Extent { whole, part } extent = Extent::whole;
    std::size_t parallel = 2;               // threads; 1: all on the caller's
    std::string command = "orama install";  // for log names and "how to resume"
    std::function<void(const std::string&)>
        fault_hook;  // unit tests only: called instead of fault_point
  };
  Result<ApplySummary> apply(Host& host, const Options& options,
                             const ProgressObserver& observer) const;

  // Reverts what the receipt holds, last first, going on past what must be left. The receipt goes
  // when nothing is left or with DataPolicy::purge; else it keeps the entries of what is left, with
  // Outcome::none, so that a later `uninstall --purge` or `install` knows them. not_found when
  // there is no receipt.
  static Result<RevertSummary> revert(RevertContext& context, const std::vector<ChangeKind>& kinds,
                                      const Options& options, const ProgressObserver& observer);

 private:
  std::vector<Step> steps_;  // in an order that respects `after`
  std::vector<ChangeKind> kinds_;
};

// Test builds (ORAMA_FAULT_POINTS) only: `orama` killed by SIGKILL at ORAMA_FAULT, a name or a
// pattern of fnmatch(3). Names are "<step>/<kind>:<target>/before|intended|applied|after"; listed
// by `orama --fault-points`.
void fault_point(const std::string& name);

}  // namespace orama::installers
