#include "installers/steps/firewall_access.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "installers/steps/firewall_sockets.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

bool is_allow(const UfwRule& rule) {
  return rule.action == "allow" || rule.action == "limit";
}

// A denied single host that is not connected now (as fail2ban adds them) says nothing about the
// others.
bool denies_a_stranger(const UfwRule& rule, const std::vector<SshSession>& sessions) {
  if (is_allow(rule) || !rule.interface.empty() || rule.from.find('/') != std::string::npos) {
    return false;
  }
  return rule.from != "any" &&
         std::none_of(sessions.begin(), sessions.end(), [&](const SshSession& session) {
           return session.peer.to_string() == rule.from;
         });
}

using Verdict = SshAccess::Verdict;

}  // namespace

SshAccess ssh_access(const std::vector<UfwRule>& rules, IpFamily family, int port, UfwState state,
                     const std::vector<SshSession>& sessions) {
  std::string bound_allow, bound_deny;  // the first of each
  for (const UfwRule& rule : rules) {
    if (rule.family != family || !rule.covers_tcp(port) || denies_a_stranger(rule, sessions)) {
      continue;
    }
    if (!rule.is_bound() && is_allow(rule)) {
      return {Verdict::open, bound_deny};
    }
    if (!rule.is_bound()) {
      return {bound_allow.empty() ? Verdict::closed : Verdict::restricted, bound_allow};
    }
    if (!is_allow(rule)) {
      bound_deny = bound_deny.empty() ? rule.to_string() : bound_deny;
    } else if (rule.names_port() || state == UfwState::on) {
      bound_allow = bound_allow.empty() ? rule.to_string() : bound_allow;
    }
  }
  if (!bound_allow.empty()) {
    return {Verdict::restricted, bound_allow};
  }
  return {Verdict::unnamed, bound_deny};
}

bool needs_ssh_rule(const std::vector<UfwRule>& rules, int port, UfwState state) {
  std::vector<UfwRule> theirs;
  std::copy_if(rules.begin(), rules.end(), std::back_inserter(theirs),
               [](const UfwRule& rule) { return !rule.is_ours(); });
  bool missing = false;
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    const Verdict verdict = ssh_access(theirs, family, port, state, {}).verdict;
    if (verdict == Verdict::restricted || verdict == Verdict::closed) {
      return false;
    }
    missing = missing || verdict == Verdict::unnamed;
  }
  return missing;
}

}  // namespace orama::installers
