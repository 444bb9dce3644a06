#include "installers/steps/firewall_changes.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"
#include "installers/steps/firewall_probe.h"
#include "installers/steps/firewall_proof.h"
#include "installers/steps/firewall_ssh.h"
#include "installers/steps/firewall_switch.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

class SwitchChange final : public Change {
 public:
  std::string_view kind() const override { return "firewall-switch"; }
  std::string target() const override { return paths::kFirewallRevertUnit; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(state, context.host.systemd.state(paths::kFirewallRevertUnit));
    return state.is_enabled();
  }

  Result<std::string> describe(ChangeContext& context) override {
    static_cast<void>(context);
    return "enable " + target() + ": at boot it takes back a firewall change that was never proven";
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    TRY(is_enabled, converged(context));
    return nlohmann::json{{"enabled", is_enabled}};
  }

  nlohmann::json wanted() const override { return {{"enabled", true}}; }

  Result<void> apply(ChangeContext& context) override {
    return context.host.systemd.enable(paths::kFirewallRevertUnit);
  }
};

// How the host's rules for the same traffic stand to the one that is wanted.
struct Present {
  bool ours_v4 = false, ours_v6 = false;
  const UfwRule* theirs = nullptr;
};

Present present_rules(const std::vector<UfwRule>& rules, const WantedRule& wanted) {
  Present present;
  for (const UfwRule& rule : rules) {
    if (!wanted.same_traffic(rule)) {
      continue;
    }
    if (!rule.is_ours()) {
      present.theirs = &rule;
    } else if (rule.action == "allow") {
      (rule.family == IpFamily::v4 ? present.ours_v4 : present.ours_v6) = true;
    }
  }
  return present;
}

class RuleChange final : public Change {
 public:
  explicit RuleChange(WantedRule rule) : rule_(std::move(rule)) {}

  std::string_view kind() const override { return "ufw-rule"; }
  std::string target() const override { return rule_.to_string(); }

  Result<bool> converged(ChangeContext& context) override {
    TRY(rules, read_ufw_rules(context.host.files));
    TRY(both_families, ufw_filters_v6_by_rules(context.host.files));
    const Present present = present_rules(rules, rule_);
    if (present.theirs != nullptr && present.theirs->action != "allow" &&
        present.theirs->action != "limit") {
      return make_error(Errc::conflict,
                        "UFW's rule \"" + present.theirs->to_string() +
                            "\" forbids what a node needs (\"" + target() +
                            "\"); orama does not replace an operator's rule",
                        "delete that rule (`ufw status numbered`), or use --skip-firewall");
    }
    return present.theirs != nullptr || (present.ours_v4 && (present.ours_v6 || !both_families));
  }

  Result<std::string> describe(ChangeContext& context) override {
    static_cast<void>(context);
    return "ufw " + target() + " comment '" + std::string(kUfwTag) + "'";
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    static_cast<void>(context);
    return nlohmann::json{
        {"present", false}};  // an equal rule of the operator's is converged: no entry
  }

  nlohmann::json wanted() const override { return {{"rule", target()}, {"comment", kUfwTag}}; }

  Result<void> apply(ChangeContext& context) override {
    TRY(active, ufw_is_active(context.host.commands));
    if (active) {
      TRY_VOID(arm_firewall_switch(context.host));
    }
    return ufw_add(context.host.commands, rule_);
  }

 private:
  WantedRule rule_;
};

class EnabledChange final : public Change {
 public:
  EnabledChange(mesh::IpAddress public_address, std::unique_ptr<BannerReader> reader)
      : public_address_(public_address), reader_(std::move(reader)) {}

  std::string_view kind() const override { return "ufw-enabled"; }
  std::string target() const override { return "ufw"; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(pending, read_pending_firewall(context.host));
    return pending ? Result<bool>(false) : ufw_is_active(context.host.commands);
  }

  Result<std::string> describe(ChangeContext& context) override {
    static_cast<void>(context);
    return std::string(
        "ufw enable; taken back after 90 s, or at the next boot, unless a new SSH connection is "
        "seen to "
        "get through");
  }

  Result<nlohmann::json> prior(ChangeContext& context) override {
    TRY(pending, read_pending_firewall(context.host));
    TRY(active, ufw_is_active(context.host.commands));
    return nlohmann::json{{"active", pending ? pending->was_active : active}};
  }

  nlohmann::json wanted() const override { return {{"active", true}}; }

  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY_VOID(arm_firewall_switch(host));
    const Result<void> proven = enable_and_prove(host);
    if (proven.ok()) {
      return disarm_firewall_switch(host);
    }
    return take_back(host, proven.error());
  }

 private:
  Result<void> enable_and_prove(Host& host) {
    TRY(survey, survey_ssh(host));
    TRY_VOID(ufw_enable(host.commands));
    return prove_reachable(host, *reader_, survey, public_address_);
  }

  // The switch would do the same, 90 s later.
  static Error take_back(Host& host, Error error) {
    const Result<std::optional<PendingFirewall>> pending = read_pending_firewall(host);
    const Result<void> reverted = revert_firewall(host);
    if (!reverted.ok()) {
      error.message += "; taking it back at once failed (" + reverted.error().full_message() +
                       "): " + paths::kFirewallRevertTimer + " tries again within 90 s";
      return error;
    }
    const Result<void> stopped = host.systemd.stop(paths::kFirewallRevertTimer);
    const bool was_active = pending.ok() && *pending && (*pending)->was_active;
    error.message = std::string("the firewall is as it was before (UFW ") +
                    (was_active ? "on, without orama's new rules" : "off") + "): " + error.message;
    if (!stopped.ok()) {
      error.message += "; " + stopped.error().full_message();
    }
    return error;
  }

  mesh::IpAddress public_address_;
  std::unique_ptr<BannerReader> reader_;
};

}  // namespace

std::unique_ptr<Change> firewall_switch() {
  return std::make_unique<SwitchChange>();
}

std::unique_ptr<Change> ufw_rule(WantedRule rule) {
  return std::make_unique<RuleChange>(std::move(rule));
}

std::unique_ptr<Change> ufw_enabled(mesh::IpAddress public_address,
                                    std::unique_ptr<BannerReader> reader) {
  return std::make_unique<EnabledChange>(public_address, std::move(reader));
}

Result<Reverted> revert_firewall_switch(RevertContext& context, const std::string& target,
                                        const nlohmann::json& prior, const nlohmann::json& wanted) {
  static_cast<void>(wanted);
  if (!prior.value("enabled", false)) {
    TRY_VOID(context.host.systemd.disable(target));
  }
  return Reverted{};
}

Result<Reverted> revert_ufw_rule(RevertContext& context, const std::string& target,
                                 const nlohmann::json& prior, const nlohmann::json& wanted) {
  static_cast<void>(prior);
  static_cast<void>(wanted);
  TRY(rule, WantedRule::parse(target));
  TRY(rules, read_ufw_rules(context.host.files));
  const Present present = present_rules(rules, rule);
  if (present.theirs != nullptr) {
    return Reverted{Reverted::Outcome::left, "the rule is no longer as orama wrote it (\"" +
                                                 present.theirs->to_string() +
                                                 "\", without the comment `orama`)"};
  }
  if (present.ours_v4 || present.ours_v6) {
    TRY_VOID(ufw_delete(context.host.commands, rule));
  }
  return Reverted{};
}

Result<Reverted> revert_ufw_enabled(RevertContext& context, const std::string& target,
                                    const nlohmann::json& prior, const nlohmann::json& wanted) {
  static_cast<void>(target);
  static_cast<void>(wanted);
  Host& host = context.host;
  TRY(pending, read_pending_firewall(host));
  if (pending) {
    TRY_VOID(revert_firewall(host));
    TRY_VOID(host.systemd.stop(paths::kFirewallRevertTimer));
  }
  TRY(active, ufw_is_active(host.commands));
  if (active && !prior.value("active", true)) {
    TRY_VOID(ufw_disable(host.commands));
  }
  return Reverted{};
}

}  // namespace orama::installers
