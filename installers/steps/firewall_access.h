// What UFW's rules say about new SSH connections, read in the order in which the kernel tries them.
// Decides whether orama may add a rule (it never opens what the operator restricted) and whether a
// probe from a network namespace proves anything (a rule bound to a source or an interface treats
// the probe otherwise).
#pragma once

#include <string>
#include <vector>

#include "installers/steps/firewall_sockets.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {

struct SshAccess {
  enum class Verdict {
    open,        // anybody may connect
    closed,      // a rule for everybody denies
    restricted,  // only rules bound to a source or an interface allow
    unnamed,     // no rule speaks of it: UFW's default policy decides
  } verdict = Verdict::unnamed;
  // A bound rule that a probe cannot stand in for; "" when a probe proves.
  std::string bound_rule;
};

// Do rules bound to a source or interface that allow every port restrict SSH? With UFW on they are
// all that lets anybody in; with UFW off nothing is restricted yet, so only those that name the
// port count.
enum class UfwState { on, off };

SshAccess ssh_access(const std::vector<UfwRule>& rules, IpFamily family, int port, UfwState state,
                     const std::vector<SshSession>& sessions);

// True when orama may and must add its own rule for this port: some family has none, none is
// restricted or closed by the operator. Rules of orama's own do not count.
bool needs_ssh_rule(const std::vector<UfwRule>& rules, int port, UfwState state);

}  // namespace orama::installers
