// The firewall step: UFW with the rules of a node, for IPv4 and IPv6, each tagged `orama`. SSH is
// let in before anything else, the whole change stands under a dead man's switch
// (firewall_switch.h) until the host is proven reachable (firewall_proof.h), and what an operator
// had is neither deleted nor opened further. Never `ufw reset`.
#pragma once

#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {

// Without changes when the spec says --skip-firewall.
Step firewall_step(const NodeSpec& spec);
std::vector<ChangeKind> firewall_change_kinds();

// What a node of this spec needs besides SSH.
std::vector<WantedRule> node_firewall_rules(const NodeSpec& spec);

}  // namespace orama::installers
