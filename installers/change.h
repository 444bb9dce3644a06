// A Change is one thing on the host that a step wants to be so: a file's content, a unit enabled
// and running, a firewall rule. It can look (is it so already?), say what it would do, note what is
// there now, do it, and, from the receipt alone, put back what was there. Steps are lists of
// changes; the plan (plan.h) is the only code that writes the receipt around them, so a new kind of
// change is resumable, revertible and part of the kill matrix by itself.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

// What the plan remembers between a change and those after it, kept in the receipt so that it
// survives a kill.
struct ChangeContext {
  Host& host;
  // Units that run on an older version of a file that was changed (FileChange adds its `affects`
  // here; UnitChange is not converged while its unit stands here, and takes it off when it
  // restarted or reloaded).
  std::set<std::string>& stale_units;
  // What the receipt says orama set here (`wanted`), newest first: more than one value after a
  // kill.
  std::vector<nlohmann::json> recorded = {};
  // Set by Ctrl-C; a change that waits looks at it. May be null.
  const std::atomic<bool>* interrupted = nullptr;
};

class Change {
 public:
  virtual ~Change() = default;

  // A constant such as "file", "directory", "unit": the key by which a receipt entry finds its
  // revert.
  virtual std::string_view kind() const = 0;
  // What it is about: a path, a unit, a rule. kind and target together are unique within a node's
  // plan.
  virtual std::string target() const = 0;

  // True when nothing is left to do. Looks only; never writes.
  virtual Result<bool> converged(ChangeContext& context) = 0;
  // What apply would do, for --plan: one line, then a diff where there is one. No secret in it.
  virtual Result<std::string> describe(ChangeContext& context) = 0;
  // What is there now: all that revert needs. Stored in the receipt before apply. No secret in it.
  virtual Result<nlohmann::json> prior(ChangeContext& context) = 0;
  // What it sets, for the receipt (a hash, never a secret): revert restores only what still equals
  // this. Null: changes nothing that could be reverted (a wait); the receipt has no entry for it.
  virtual nlohmann::json wanted() const = 0;
  // Does it. May be called again after a kill anywhere inside it.
  virtual Result<void> apply(ChangeContext& context) = 0;
  // Units that must be restarted or reloaded because of this change; recorded as stale with the
  // intent.
  virtual std::vector<std::string> affects() const { return {}; }
};

using Changes = std::vector<std::unique_ptr<Change>>;

// How a revert ended. What is left (changed by somebody since) or kept (data and keys, without
// purge) stays on the host and is named to the operator with the reason.
struct Reverted {
  enum class Outcome { restored, left, kept };
  Outcome outcome = Outcome::restored;
  std::string reason;  // why it was left: "changed since orama wrote it"
};

enum class DataPolicy { keep, purge };  // purge: keys and databases go too

struct RevertContext {
  Host& host;
  DataPolicy data = DataPolicy::keep;
  // Units that run on a file that was put back ("unit" or "unit:reload"); refreshed when all is
  // reverted, where they still run.
  std::set<std::string> stale_units = {};
};

// Puts back what a receipt entry says was there. `prior` and `wanted` are the entry's. What is
// already as before counts as restored: a revert may be killed and repeated.
using RevertFunction = Result<Reverted> (*)(RevertContext& context, const std::string& target,
                                            const nlohmann::json& prior,
                                            const nlohmann::json& wanted);

struct ChangeKind {
  std::string_view name;
  RevertFunction revert;
};

}  // namespace orama::installers
