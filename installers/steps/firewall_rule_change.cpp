// The change kind "ufw-rule".
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/steps/firewall_changes.h"
#include "installers/steps/firewall_switch.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

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

}  // namespace

std::unique_ptr<Change> ufw_rule(WantedRule rule) {
  return std::make_unique<RuleChange>(std::move(rule));
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

}  // namespace orama::installers
