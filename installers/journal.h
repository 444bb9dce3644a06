// One run's hand on the receipt and its log: opened at the first thing that is to be written, never
// before, so a run that finds all done writes nothing. Intent and prior value are on disk when
// intend() returns. Calls are serialised inside; safe from the plan's worker threads.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/log.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/plan.h"
#include "installers/receipt.h"

namespace orama::installers {

class Journal {
 public:
  // Both must outlive it.
  Journal(Host& host, const Plan::Options& options) : host_(host), options_(options) {}

  Result<void> load();
  bool has_receipt() const { return on_disk_; }
  Receipt& receipt() { return receipt_; }  // single-threaded use only (revert)

  std::set<std::string> stale_units() const;
  std::vector<nlohmann::json> recorded(const Change& change) const;

  Result<void> intend(const std::string& step, Change& change, const nlohmann::json& prior);
  // `before` and `after`: the stale units that the change was given and what it made of them.
  Result<void> done(const Change& change, const std::set<std::string>& before,
                    const std::set<std::string>& after);
  // Found so already: closes an entry that a killed run left open; else writes nothing.
  Result<void> found_done(const Change& change);

  // The entries as they are now.
  std::vector<ReceiptEntry> entries() const;
  // Takes an entry off that was put back or left to somebody else (`left_because`), and adds the
  // units that ran on it. The run has begun.
  Result<void> retire(const ReceiptEntry& entry, const std::set<std::string>& stale_units,
                      const std::string& left_because);

  // The run's end. complete() writes only if something differs from what is on disk.
  Result<void> complete();
  // Adds to the error where the log is. A run that wrote nothing leaves nothing.
  Error fail(Error error);

  Result<void> begin();  // when not begun: folders, log file, Outcome::running
  Result<void> save();
  void log(std::string_view message, LogFields fields);
  const std::string& log_file() const { return log_path_; }
  bool begun() const { return begun_; }

 private:
  Result<void> begin_locked();
  Result<void> make_folder(const std::string& path, mode_t mode);
  Result<void> save_locked();

  Host& host_;
  const Plan::Options& options_;
  mutable std::mutex mutex_;
  Receipt receipt_;
  bool on_disk_ = false;
  bool begun_ = false;
  std::string log_path_;
  std::optional<Log> log_;
};

}  // namespace orama::installers
