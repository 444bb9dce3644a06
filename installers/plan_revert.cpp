// Plan::revert: the receipt read backwards.
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/entry_revert.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/install_lock.h"
#include "installers/journal.h"
#include "installers/plan.h"
#include "installers/receipt.h"

namespace orama::installers {
namespace {

using Outcome = Reverted::Outcome;

class RevertRun {
 public:
  RevertRun(RevertContext& context, const std::vector<ChangeKind>& kinds,
            const Plan::Options& options, const ProgressObserver& observer, Journal& journal)
      : context_(context),
        kinds_(kinds),
        options_(options),
        observer_(observer),
        journal_(journal) {}

  Result<RevertSummary> run() {
    Receipt& receipt = journal_.receipt();
    context_.stale_units.insert(receipt.stale_units.begin(), receipt.stale_units.end());
    const std::size_t total = receipt.entries.size();
    for (std::size_t i = total; i-- > 0;) {
      if (options_.interrupted != nullptr && options_.interrupted->load()) {
        return make_error(Errc::interrupted,
                          "interrupted between two changes: nothing is half done",
                          "Type the same command again: it goes on where it stopped.");
      }
      TRY_VOID(revert_at(i, total));
    }
    refresh_units();
    TRY_VOID(finish());
    return std::move(summary_);
  }

 private:
  void reach(const ReceiptEntry& entry, const char* where) const {
    const std::string name = "revert/" + entry.kind + ":" + entry.target + "/" + where;
    if (options_.fault_hook) {
      options_.fault_hook(name);
    } else {
      fault_point(name);
    }
  }

  Result<void> revert_at(std::size_t index, std::size_t total) {
    Receipt& receipt = journal_.receipt();
    const ReceiptEntry entry = receipt.entries[index];
    StepProgress progress{total - index,
                          total,
                          entry.step,
                          entry.kind + " " + entry.target,
                          StepProgress::State::started,
                          {},
                          {}};
    tell(progress);
    const SteadyTime begun = context_.host.clock.steady_now();
    reach(entry, "before");
    const Reverted reverted = revert_entry(context_, kinds_, entry);
    reach(entry, "reverted");
    if (reverted.outcome == Outcome::restored) {
      ++summary_.restored;
      receipt.entries.erase(receipt.entries.begin() + static_cast<std::ptrdiff_t>(index));
    } else {
      (reverted.outcome == Outcome::kept ? summary_.kept : summary_.left)
          .push_back({entry.kind, entry.target, reverted.reason});
    }
    journal_.log("reverted",
                 {{"kind", entry.kind}, {"target", entry.target}, {"left", reverted.reason}});
    receipt.stale_units = context_.stale_units;
    TRY_VOID(journal_.save());
    reach(entry, "after");
    progress.state = reverted.outcome == Outcome::restored ? StepProgress::State::done
                                                           : StepProgress::State::unchanged;
    progress.detail = reverted.reason;
    progress.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        context_.host.clock.steady_now() - begun);
    tell(progress);
    return {};
  }

  // Units that still run do so on files that are no more: a daemon of another package, now with its
  // own.
  void refresh_units() {
    Systemd& systemd = context_.host.systemd;
    if (auto reloaded = systemd.daemon_reload(); !reloaded.ok()) {
      summary_.left.push_back({"unit", "systemd", reloaded.error().full_message()});
    }
    constexpr std::string_view kReload = ":reload";
    for (const std::string& stale : context_.stale_units) {
      const bool reload = stale.ends_with(kReload);
      const std::string unit = reload ? stale.substr(0, stale.size() - kReload.size()) : stale;
      if (reload && context_.stale_units.contains(unit)) {
        continue;
      }
      const auto state = systemd.state(unit);
      if (!state.ok() || !state->is_active()) {
        continue;
      }
      if (auto done = reload ? systemd.reload(unit) : systemd.restart(unit); !done.ok()) {
        summary_.left.push_back({"unit", unit, done.error().full_message()});
      }
    }
    journal_.receipt().stale_units.clear();
  }

  Result<void> finish() {
    Files& files = context_.host.files;
    const std::filesystem::path folder = std::filesystem::path(options_.receipt_path).parent_path();
    const bool purge = context_.data == DataPolicy::purge;
    if (!purge && !journal_.receipt().entries.empty()) {
      journal_.receipt().outcome = Receipt::Outcome::none;
      journal_.receipt().failure.clear();
      return journal_.save();
    }
    TRY_VOID(files.remove_file(options_.receipt_path));
    if (purge) {
      TRY_VOID(files.remove_tree(folder.string()));
      TRY_VOID(files.remove_tree(options_.log_folder));
    }
    remove_if_empty(folder.string());
    remove_if_empty(folder.parent_path().string());
    return {};
  }

  void remove_if_empty(const std::string& path) {
    const auto removed = context_.host.files.remove_directory(path);
    if (!removed.ok() && removed.error().code != Errc::conflict) {
      summary_.left.push_back({"directory", path, removed.error().full_message()});
    }
  }

  void tell(const StepProgress& progress) const {
    if (observer_) {
      observer_(progress);
    }
  }

  RevertContext& context_;
  const std::vector<ChangeKind>& kinds_;
  const Plan::Options& options_;
  const ProgressObserver& observer_;
  Journal& journal_;
  RevertSummary summary_;
};

}  // namespace

Result<RevertSummary> Plan::revert(RevertContext& context, const std::vector<ChangeKind>& kinds,
                                   const Options& options, const ProgressObserver& observer) {
  TRY(lock, InstallLock::take(options.lock_path));
  Journal journal(context.host, options);
  TRY_VOID(journal.load());
  if (!journal.has_receipt()) {
    return make_error(Errc::not_found,
                      "orama installed nothing here: there is no receipt " + options.receipt_path);
  }
  TRY_VOID(journal.begin());
  auto summary = RevertRun(context, kinds, options, observer, journal).run();
  return summary.ok() ? std::move(summary) : journal.fail(std::move(summary).error());
}

}  // namespace orama::installers
