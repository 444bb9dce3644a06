#include "installers/plan.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/apply_run.h"
#include "installers/change.h"
#include "installers/entry_revert.h"
#include "installers/host/host.h"
#include "installers/install_lock.h"
#include "installers/journal.h"
#include "installers/receipt.h"
#include "installers/step.h"

namespace orama::installers {
namespace {

bool is_known(const std::vector<Step>& steps, const std::string& name) {
  return std::any_of(steps.begin(), steps.end(),
                     [&](const Step& step) { return step.name == name; });
}

Result<void> check_names(const std::vector<Step>& steps) {
  std::set<std::string> seen;
  for (const Step& step : steps) {
    if (!seen.insert(step.name).second) {
      return make_error(Errc::invalid_argument, "two steps are named " + step.name);
    }
    for (const std::string& name : step.after) {
      if (!is_known(steps, name)) {
        return make_error(Errc::invalid_argument,
                          "the step " + step.name + " is after " + name + ", which does not exist");
      }
    }
  }
  return {};
}

// The given order, but for steps that stand before what they depend on.
Result<std::vector<Step>> in_order(std::vector<Step> steps) {
  std::vector<Step> ordered;
  while (!steps.empty()) {
    const auto next = std::find_if(steps.begin(), steps.end(), [&](const Step& step) {
      return std::all_of(step.after.begin(), step.after.end(),
                         [&](const std::string& name) { return is_known(ordered, name); });
    });
    if (next == steps.end()) {
      return make_error(Errc::invalid_argument, "the steps depend on each other in a circle, " +
                                                    steps.front().name + " among them");
    }
    ordered.push_back(std::move(*next));
    steps.erase(next);
  }
  return ordered;
}

// A look that fails (a foreign file in the way) is part of the answer, not the end of it.
std::optional<PlannedChange> planned(const Step& step, Change& change, ChangeContext& context) {
  PlannedChange result{step.name, std::string(change.kind()), change.target(), {}, {}};
  const auto converged = change.converged(context);
  if (converged.ok() && *converged) {
    return std::nullopt;
  }
  auto description = change.describe(context);
  result.description =
      description.ok() ? std::move(*description) : result.kind + " " + result.target;
  if (!converged.ok()) {
    result.problem = converged.error().full_message();
  } else if (!description.ok()) {
    result.problem = description.error().full_message();
  }
  return result;
}

}  // namespace

Result<Plan> Plan::make(std::vector<Step> steps, std::vector<ChangeKind> kinds) {
  TRY_VOID(check_names(steps));
  TRY(ordered, in_order(std::move(steps)));
  Plan plan;
  plan.steps_ = std::move(ordered);
  plan.kinds_ = std::move(kinds);
  return plan;
}

Result<std::vector<PlannedChange>> Plan::pending(Host& host,
                                                 const std::string& receipt_path) const {
  TRY(loaded, Receipt::load(host.files, receipt_path));
  const Receipt receipt = std::move(loaded).value_or(Receipt());
  std::set<std::string> stale = receipt.stale_units;
  std::vector<PlannedChange> result;
  for (const Step& step : steps_) {
    const auto changes = step.changes(host);
    if (!changes.ok()) {  // part of the answer: a plain user's look, a package that is not there
      result.push_back({step.name, "step", step.name, step.title + ": cannot be worked out",
                        changes.error().full_message()});
      continue;
    }
    for (const ReceiptEntry& entry : retired_entries(receipt.entries, step, *changes)) {
      result.push_back({step.name,
                        entry.kind,
                        entry.target,
                        "put back: " + entry.kind + " " + entry.target + ", no longer wanted",
                        {}});
    }
    for (const auto& change : *changes) {
      ChangeContext context{host, stale,
                            receipt.recorded(std::string(change->kind()), change->target())};
      if (auto found = planned(step, *change, context)) {
        result.push_back(std::move(*found));
        for (const std::string& unit : change->affects()) {
          stale.insert(unit);  // so that the unit's refresh is listed too
        }
      }
    }
  }
  return result;
}

Result<std::vector<std::string>> Plan::fault_points(Host& host) const {
  std::vector<std::string> names;
  for (const Step& step : steps_) {
    TRY(changes, step.changes(host).while_doing("step " + step.name));
    for (const auto& change : changes) {
      for (std::string& name : fault_point_names(step, *change)) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

Result<ApplySummary> Plan::apply(Host& host, const Options& options,
                                 const ProgressObserver& observer) const {
  TRY(lock, InstallLock::take(options.lock_path));
  Journal journal(host, options);
  TRY_VOID(journal.load());
  return ApplyRun(host, steps_, kinds_, options, observer, journal).run();
}

}  // namespace orama::installers
