// Gives this node its vote in the registry, or takes it: rqlite knows no call for that, so rqlited
// is stopped, taken off the member list by another member, and started to join again with the other
// flag (engines-rqlite.md 1 rule 12, and 5). One lock row in the registry keeps two nodes from
// doing it at once; an intent on the disk lets it be completed after a crash. Also takes away the
// join file once this node stands in the member list. Used by one thread.
#pragma once

#include <string>
#include <string_view>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/local_registry.h"

namespace orama::installers {

// /var/lib/orama/agent/voter-change.json
struct VoterIntent {
  bool voter = false;    // what this node is to become
  bool removed = false;  // it is off the member list already

  std::string to_text() const;
  static Result<VoterIntent> from_text(std::string_view text);
};

class VoterChange {
 public:
  explicit VoterChange(Host& host) : host_(host) {}

  // Completes what was begun, else looks whether something is to be done. Waits up to a minute.
  Result<void> follow(const api::Desired& desired);

 private:
  bool is_due(const api::Desired& desired, bool joining);
  Result<void> begin(const api::Desired& desired, const RegistryNodes& nodes);
  Result<void> complete(const api::Desired& desired, VoterIntent intent);
  Result<void> leave_member_list(const api::Desired& desired, VoterIntent& intent);
  Result<void> take_back(const api::Desired& desired, const VoterIntent& intent,
                         const Error& cause);
  Result<void> wait_for_role(const api::Desired& desired, bool voter);
  Result<void> finish(const api::Desired& desired);

  Host& host_;
  SteadyTime looked_{};
  bool looked_for_ = false;  // the vote that was wanted at the last look
};

}  // namespace orama::installers
