// What orama did to this host: /var/lib/orama/install/receipt.json, versioned, 0600 root. Before
// each change its intent and the prior value are on disk (fsync), after it the outcome. From it
// alone an uninstall, even by a later version, reverts in reverse order. Holds no secret. One
// writer (the plan, under its lock).
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

inline constexpr int kReceiptVersion = 1;
inline constexpr const char* kReceiptPath = "/var/lib/orama/install/receipt.json";

struct ReceiptEntry {
  std::string step, kind, target;
  enum class State { intended, done } state = State::intended;
  nlohmann::json prior, wanted;  // prior: as found before orama first touched it, kept over re-runs
  std::vector<nlohmann::json>
      earlier;     // while intended: values of `wanted` that may still stand, newest first
  std::string at;  // RFC 3339
};

struct Receipt {
  std::string orama_version;          // that wrote it last
  nlohmann::json spec;                // the NodeSpec it was installed with
  std::vector<ReceiptEntry> entries;  // in order of first intent
  std::set<std::string> stale_units;
  std::string log_file;                                                        // of the last run
  enum class Outcome { none, running, failed, done } outcome = Outcome::none;  // none: uninstalled
  std::string failure;  // full message of the last failed run

  ReceiptEntry* find(const std::string& kind, const std::string& target);
  const ReceiptEntry* find(const std::string& kind, const std::string& target) const;
  // The values of `wanted` that may stand on the host, newest first (ChangeContext::recorded).
  std::vector<nlohmann::json> recorded(const std::string& kind, const std::string& target) const;

  // `path` is for the error: an unknown version, or bytes that are no receipt (left as they are).
  static Result<Receipt> parse(const std::string& text, const std::string& path);
  static Result<std::optional<Receipt>> load(Files& files, const std::string& path = kReceiptPath);
  Result<void> save(Files& files, const std::string& path = kReceiptPath) const;
};

}  // namespace orama::installers
