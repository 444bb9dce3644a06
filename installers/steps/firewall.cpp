#include "installers/steps/firewall.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/firewall_access.h"
#include "installers/steps/firewall_banner.h"
#include "installers/steps/firewall_changes.h"
#include "installers/steps/firewall_ssh.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

constexpr const char* kBeforeRules = "/etc/ufw/before.rules";

WantedRule nameserver_rule() {
  return {"any", "53", ""};
}

// UFW takes no rule for ICMP: its before.rules accept echo requests on every interface as shipped.
// An operator who took that out is told what the mesh needs; that file is theirs.
Result<void> check_icmp(Files& files) {
  TRY(text, files.read(kBeforeRules));
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto has = [line](std::string_view part) {
      return line.find(part) != std::string_view::npos;
    };
    const bool every_kind_or_echo = !has("--icmp-type") || has("echo-request");
    const bool reaches_mesh = !has("-i ") || has(std::string("-i ") + paths::kMeshInterface);
    if (line.starts_with("-A ufw-before-input ") && has("-p icmp") && has("-j ACCEPT") &&
        every_kind_or_echo && reaches_mesh) {
      return {};
    }
  }
  return make_error(Errc::conflict,
                    std::string(kBeforeRules) +
                        " has no rule that accepts ICMP echo requests, which nodes "
                        "send each other over " +
                        paths::kMeshInterface,
                    std::string("add this line before COMMIT: -A ufw-before-input -i ") +
                        paths::kMeshInterface + " -p icmp --icmp-type echo-request -j ACCEPT");
}

// The rule of a role goes when the role is dropped; those that let SSH in stay until an uninstall,
// wherever sshd listens now.
bool is_role_rule(std::string_view kind, std::string_view target) {
  return kind == "ufw-rule" && target == nameserver_rule().to_string();
}

Result<Changes> firewall_changes(Host& host, const NodeSpec& spec) {
  Changes changes;
  if (!spec.firewall) {
    return changes;
  }
  TRY_VOID(check_icmp(host.files));
  TRY(survey, survey_ssh(host));
  TRY(active, ufw_is_active(host.commands));
  TRY(rules, read_ufw_rules(host.files));
  changes.push_back(firewall_switch());
  for (const int port : survey.ports) {
    if (needs_ssh_rule(rules, port, active ? UfwState::on : UfwState::off)) {
      changes.push_back(ufw_rule({"tcp", std::to_string(port), ""}));
    }
  }
  for (WantedRule& rule : node_firewall_rules(spec)) {
    changes.push_back(ufw_rule(std::move(rule)));
  }
  changes.push_back(ufw_enabled(spec.public_address, std::make_unique<NamespaceBannerReader>()));
  return changes;
}

}  // namespace

std::vector<WantedRule> node_firewall_rules(const NodeSpec& spec) {
  // Of architecture.md, "Names, ports, paths", in UFW's order. Olric's gossip (3322) uses UDP too.
  constexpr const char* kMeshTcp = "3320,3322,4001,5001,6001,6002,7001,9094,9096,10000:10999";
  std::vector<WantedRule> rules = {{"tcp", "80,443", ""},
                                   {"udp", std::to_string(paths::kWireguardPort), ""}};
  if (spec.nameserver) {
    rules.push_back(nameserver_rule());
  }
  rules.push_back({"tcp", kMeshTcp, paths::kMeshInterface});
  rules.push_back({"udp", "3322", paths::kMeshInterface});
  return rules;
}

Step firewall_step(const NodeSpec& spec) {
  Step step = {"firewall", "Firewall (UFW)", {"mesh"}, [spec](Host& host) {
                 return firewall_changes(host, spec);
               }};
  if (spec.firewall) {
    step.retires = is_role_rule;
  }
  return step;
}

std::vector<ChangeKind> firewall_change_kinds() {
  return {{"firewall-switch", revert_firewall_switch},
          {"ufw-rule", revert_ufw_rule},
          {"ufw-enabled", revert_ufw_enabled}};
}

}  // namespace orama::installers
