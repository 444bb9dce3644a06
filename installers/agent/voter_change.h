// Gives this node its vote in the registry or a database, or takes it: rqlite knows no call for
// that, so rqlited is stopped, taken off the member list by another member, and started to join
// again with the other flag (engines-rqlite.md 1 rule 12, and 5). One lock row in the registry
// keeps two nodes from doing it at once; an intent on the disk lets it be completed after a crash.
// Also takes away the join file once this node stands in the member list. Used by one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/agent/registry_lock.h"
#include "installers/host/host.h"
#include "installers/local_rqlite.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {

// What is begun, on the disk (RqliteEngine::voter_intent).
struct VoterIntent {
  bool voter = false;    // what this node is to become
  bool removed = false;  // it is off the member list already

  std::string to_text() const;
  static Result<VoterIntent> from_text(std::string_view text);
};

class VoterChange {
 public:
  VoterChange(Host& host, const RqliteEngine& engine) : host_(host), engine_(engine) {}

  // Completes what was begun, else looks whether something is to be done. Waits up to a minute.
  Result<void> follow(const api::Desired& desired);

 private:
  bool is_due(const api::Desired& desired, bool joining);
  Result<void> begin(const api::Desired& desired, const RqliteNodes& nodes);
  Result<void> complete(const api::Desired& desired, VoterIntent intent);
  Result<void> leave_member_list(const api::Desired& desired, VoterIntent& intent);
  Result<void> take_back(const api::Desired& desired, const VoterIntent& intent,
                         const Error& cause);
  Result<void> wait_for_role(const api::Desired& desired, bool voter);
  Result<void> finish(const api::Desired& desired);

  RegistryLock lock(const api::Desired& desired) const;
  Result<std::optional<VoterIntent>> read_intent();
  Result<void> write_intent(const VoterIntent& intent);
  Result<void> write_join_file(const api::Desired& desired, bool voter);
  LocalRqlite rqlite(const api::Desired& desired) const;

  Host& host_;
  const RqliteEngine& engine_;
  SteadyTime looked_{};
  bool looked_for_ = false;  // the vote that was wanted at the last look
};

}  // namespace orama::installers
