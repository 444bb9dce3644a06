#include "installers/journal.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/plan.h"
#include "installers/receipt.h"

namespace orama::installers {
namespace {

// "orama install" and 2026-11-24T17:13:32.041Z give install-20261124T171332Z.log.
std::string log_name(const std::string& command, const Clock& clock) {
  const std::string now = format_rfc3339(clock.wall_now());
  std::string stamp;
  std::copy_if(now.begin(),
               now.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(now.size(), 19)),
               std::back_inserter(stamp), [](char c) { return c != '-' && c != ':'; });
  return command.substr(command.rfind(' ') + 1) + "-" + stamp + "Z.log";
}

}  // namespace

Result<void> Journal::load() {
  TRY(found, Receipt::load(host_.files, options_.receipt_path));
  on_disk_ = found.has_value();
  receipt_ = std::move(found).value_or(Receipt());
  return {};
}

std::set<std::string> Journal::stale_units() const {
  const std::scoped_lock lock(mutex_);
  return receipt_.stale_units;
}

std::vector<nlohmann::json> Journal::recorded(const Change& change) const {
  const std::scoped_lock lock(mutex_);
  return receipt_.recorded(std::string(change.kind()), change.target());
}

Result<void> Journal::intend(const std::string& step, Change& change, const nlohmann::json& prior) {
  const std::scoped_lock lock(mutex_);
  TRY_VOID(begin_locked());
  const std::string kind(change.kind());
  ReceiptEntry* entry = receipt_.find(kind, change.target());
  if (entry == nullptr) {
    entry = &receipt_.entries.emplace_back();
    entry->kind = kind;
    entry->target = change.target();
    entry->prior = prior;
  } else if (entry->wanted != change.wanted()) {
    entry->earlier.insert(entry->earlier.begin(), entry->wanted);
  }
  entry->step = step;
  entry->wanted = change.wanted();
  entry->state = ReceiptEntry::State::intended;
  entry->at = format_rfc3339(host_.clock.wall_now());
  for (const std::string& unit : change.affects()) {
    receipt_.stale_units.insert(unit);
  }
  log_->info("change intended", {{"step", step}, {"kind", kind}, {"target", change.target()}});
  return save_locked();
}

Result<void> Journal::done(const Change& change, const std::set<std::string>& before,
                           const std::set<std::string>& after) {
  const std::scoped_lock lock(mutex_);
  // Merged by difference: the other worker may have changed the set meanwhile.
  for (const std::string& unit : before) {
    if (!after.contains(unit)) {
      receipt_.stale_units.erase(unit);
    }
  }
  for (const std::string& unit : after) {
    if (!before.contains(unit)) {
      receipt_.stale_units.insert(unit);
    }
  }
  ReceiptEntry* entry = receipt_.find(std::string(change.kind()), change.target());
  ORAMA_ASSERT(entry != nullptr);
  entry->state = ReceiptEntry::State::done;
  entry->earlier.clear();
  log_->info("change done", {{"kind", entry->kind}, {"target", entry->target}});
  return save_locked();
}

Result<void> Journal::found_done(const Change& change) {
  const std::scoped_lock lock(mutex_);
  ReceiptEntry* entry = receipt_.find(std::string(change.kind()), change.target());
  if (entry == nullptr || entry->state == ReceiptEntry::State::done) {
    return {};
  }
  TRY_VOID(begin_locked());
  entry->state = ReceiptEntry::State::done;
  entry->earlier.clear();
  return save_locked();
}

std::vector<ReceiptEntry> Journal::entries() const {
  const std::scoped_lock lock(mutex_);
  return receipt_.entries;
}

Result<void> Journal::retire(const ReceiptEntry& entry, const std::set<std::string>& stale_units,
                             const std::string& left_because) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(receipt_.entries, [&](const ReceiptEntry& other) {
    return other.kind == entry.kind && other.target == entry.target;
  });
  receipt_.stale_units.insert(stale_units.begin(), stale_units.end());
  log_->info("no longer wanted",
             {{"kind", entry.kind}, {"target", entry.target}, {"left", left_because}});
  return save_locked();
}

Result<void> Journal::complete() {
  const std::scoped_lock lock(mutex_);
  if (options_.extent == Plan::Options::Extent::part) {
    return {};
  }
  const bool differs = !on_disk_ || receipt_.outcome != Receipt::Outcome::done ||
                       (!options_.spec.is_null() && receipt_.spec != options_.spec) ||
                       receipt_.orama_version != options_.version;
  if (!differs) {
    return {};
  }
  TRY_VOID(begin_locked());
  receipt_.outcome = Receipt::Outcome::done;
  receipt_.failure.clear();
  log_->info("run complete");
  log_->flush();
  return save_locked();
}

Error Journal::fail(Error error) {
  const std::scoped_lock lock(mutex_);
  if (!begun_ && !on_disk_) {
    return error;
  }
  if (auto begun = begin_locked(); !begun.ok()) {
    error.message += "; and the receipt could not be written: " + begun.error().full_message();
    return error;
  }
  receipt_.outcome = Receipt::Outcome::failed;
  receipt_.failure = error.full_message();
  log_->error("run failed", error);
  log_->flush();
  if (auto saved = save_locked(); !saved.ok()) {
    error.message += "; and the receipt could not be written: " + saved.error().full_message();
  }
  error.hint += (error.hint.empty() ? "" : " ") + ("The log of this run: " + log_path_);
  return error;
}

Result<void> Journal::begin() {
  const std::scoped_lock lock(mutex_);
  return begin_locked();
}

Result<void> Journal::save() {
  const std::scoped_lock lock(mutex_);
  return save_locked();
}

void Journal::log(std::string_view message, LogFields fields) {
  const std::scoped_lock lock(mutex_);
  if (log_) {
    log_->info(message, fields);
  }
}

Result<void> Journal::make_folder(const std::string& path, mode_t mode) {
  TRY(status, host_.files.status(path));
  return status ? Result<void>()
                : host_.files.make_directory(path, FileOwnership{mode, "root", "root"});
}

Result<void> Journal::begin_locked() {
  if (begun_) {
    return {};
  }
  const std::filesystem::path install = std::filesystem::path(options_.receipt_path).parent_path();
  TRY_VOID(make_folder(install.parent_path().string(), 0755));
  TRY_VOID(make_folder(install.string(), 0700));
  TRY_VOID(make_folder(options_.log_folder, 0755));
  log_path_ = options_.log_folder + "/" + log_name(options_.command, host_.clock);
  TRY(log, Log::to_file(log_path_, LogLevel::info));
  log_ = log.named("install");
  log_->info("run begins", {{"command", options_.command}, {"version", options_.version}});
  receipt_.outcome = Receipt::Outcome::running;
  receipt_.orama_version = options_.version;
  if (!options_.spec.is_null()) {
    receipt_.spec = options_.spec;
  }
  receipt_.log_file = log_path_;
  begun_ = true;
  return save_locked();
}

Result<void> Journal::save_locked() {
  TRY_VOID(receipt_.save(host_.files, options_.receipt_path));
  on_disk_ = true;
  return {};
}

}  // namespace orama::installers
