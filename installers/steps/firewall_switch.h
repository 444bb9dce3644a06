// The dead man's switch of a firewall change. While a change is unproven, firewall-pending.json
// stands and says what was before; orama-firewall-revert.timer puts that back after 90 s, and at
// boot orama-firewall-revert.service does so before ufw.service. A proven change disarms it.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

struct PendingFirewall {
  bool was_active = false;          // UFW, before the change
  std::set<std::string> our_rules;  // WantedRule texts tagged as ours that stood already
};

// Nothing while no change is unproven.
Result<std::optional<PendingFirewall>> read_pending_firewall(Host& host);

// Writes what is now (unless an earlier, unfinished change has said it) and starts the 90 s anew.
Result<void> arm_firewall_switch(Host& host);
// Conflict when the switch has fired meanwhile.
Result<void> disarm_firewall_switch(Host& host);

// Puts back what was and ends the pending state: UFW was off, it is off again; it was on, the rules
// that orama added since are deleted and it stays on. Nothing pending is success. What the unit and
// `orama agent firewall-revert` run; needs no systemd.
Result<void> revert_firewall(Host& host);

}  // namespace orama::installers
