// The kinds of change that many steps share. A kind that one step alone needs stands in that step's
// file. `change_kinds()` in node_plan.cpp lists all kinds.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "installers/change.h"

namespace orama::installers {

// A folder with owner and mode. Revert removes it when orama made it and it is empty (or `data` and
// purge).
enum class Contents {
  configuration,  // removed when empty
  data,           // kept by uninstall, removed whole by uninstall --purge
  mixed           // removed when empty; without --purge what is still in it counts as kept
};
std::unique_ptr<Change> directory(std::string path, FileOwnership ownership,
                                  Contents contents = Contents::configuration);

// A file with this content. One that exists and that orama did not write (no receipt entry, no
// "Written by orama" line) is a conflict that names it, never overwritten. A hand edit of a file of
// ours is a conflict too. What is written gets a first line that says so and carries the hash of
// the rest; a .json file cannot, the receipt's hash serves. Content of a file that only its owner
// may read is never shown. Revert: the prior content (kept in the receipt, at most 1 MiB), or
// removal.
struct FileSpec {
  std::string path;
  std::string content;
  FileOwnership ownership;
  std::vector<std::string> affects;  // units that must restart (or "unit:reload")
};
std::unique_ptr<Change> file(FileSpec spec);

// A secret file, made once and never again: 0600 root. `make` gives the content; converged when it
// exists with the right mode and owner. Content reaches neither receipt nor describe. Revert: kept,
// removed by purge.
std::unique_ptr<Change> secret_file(std::string path,
                                    std::function<Result<std::string>(Host&)> make);

// A unit enabled and running. Stale as "unit" (a file's `affects`): refreshed as `refresh` says;
// stale as "unit:reload": reloaded. Revert: back to what it was.
struct UnitSpec {
  std::string unit;
  enum class Enable { yes, no } enable = Enable::no;  // no: started by the target or by hand
  enum class Refresh { restart, reload } refresh = Refresh::restart;
};
std::unique_ptr<Change> unit(UnitSpec spec);

// Waits until `ready` says true. Nothing to revert. `what` names it: "the registry answers
// on 10.0.0.1:5001".
struct Condition {
  std::string what;
  std::function<Result<bool>(Host&)> ready;
  std::chrono::milliseconds timeout{30000};
  std::string hint = {};  // for the error: what to look at
};
std::unique_ptr<Change> wait_until(Condition condition);

// The kinds above, for `change_kinds()`.
std::vector<ChangeKind> shared_change_kinds();

}  // namespace orama::installers
