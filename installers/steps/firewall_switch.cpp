#include "installers/steps/firewall_switch.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

constexpr const char* kWasActive = "ufw_was_active";
constexpr const char* kOurRules = "our_rules";

// The rules tagged as ours that orama could have added, each once (they stand in both families).
std::set<std::string> tagged_rules(const std::vector<UfwRule>& rules) {
  std::set<std::string> tagged;
  for (const UfwRule& rule : rules) {
    const WantedRule wanted{rule.protocol, rule.to_ports, rule.interface};
    if (rule.is_ours() && rule.action == "allow" && wanted.same_traffic(rule)) {
      tagged.insert(wanted.to_string());
    }
  }
  return tagged;
}

Result<void> delete_new_rules(Host& host, const std::set<std::string>& kept) {
  TRY(rules, read_ufw_rules(host.files));
  for (const std::string& text : tagged_rules(rules)) {
    if (!kept.contains(text)) {
      TRY(rule, WantedRule::parse(text));
      TRY_VOID(ufw_delete(host.commands, rule));
    }
  }
  return {};
}

}  // namespace

Result<std::optional<PendingFirewall>> read_pending_firewall(Host& host) {
  const Result<std::string> text = host.files.read(paths::kFirewallPending);
  if (!text.ok()) {
    if (text.error().code == Errc::not_found) {
      return std::optional<PendingFirewall>();
    }
    return text.error();
  }
  PendingFirewall pending;
  const nlohmann::json json = parse_json(text.value()).value_or(nullptr);
  // A file that cannot be read counts as "UFW was off": a host that can be reached is worth most.
  if (json.is_object() && json.contains(kWasActive) && json[kWasActive].is_boolean()) {
    pending.was_active = json[kWasActive].get<bool>();
  }
  if (json.is_object() && json.contains(kOurRules) && json[kOurRules].is_array()) {
    for (const auto& rule : json[kOurRules]) {
      if (rule.is_string()) {
        pending.our_rules.insert(rule.get<std::string>());
      }
    }
  }
  return std::optional(pending);
}

Result<void> arm_firewall_switch(Host& host) {
  TRY(pending, read_pending_firewall(host));
  if (!pending) {
    TRY(active, ufw_is_active(host.commands));
    TRY(rules, read_ufw_rules(host.files));
    const nlohmann::json json = {{kWasActive, active},
                                 {kOurRules, tagged_rules(rules)},
                                 {"since", format_rfc3339(host.clock.wall_now())}};
    TRY_VOID(host.files.write(paths::kFirewallPending, json.dump(2) + "\n", {.mode = 0600}));
  }
  // restart: a timer that runs already begins anew.
  return host.systemd.restart(paths::kFirewallRevertTimer)
      .while_doing("arming the firewall's dead man's switch");
}

Result<void> disarm_firewall_switch(Host& host) {
  TRY_VOID(host.systemd.stop(paths::kFirewallRevertTimer));
  TRY(pending, read_pending_firewall(host));
  if (!pending) {
    return make_error(Errc::conflict,
                      "the firewall's dead man's switch fired before the host was proven reachable",
                      "run `orama install` again");
  }
  return host.files.remove_file(paths::kFirewallPending);
}

Result<void> revert_firewall(Host& host) {
  TRY(pending, read_pending_firewall(host));
  if (!pending) {
    return {};
  }
  if (pending->was_active) {
    TRY_VOID(delete_new_rules(host, pending->our_rules));
  } else {
    TRY_VOID(ufw_disable(host.commands));
  }
  return host.files.remove_file(paths::kFirewallPending);
}

}  // namespace orama::installers
