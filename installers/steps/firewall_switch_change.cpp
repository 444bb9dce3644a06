// The change kind "firewall-switch".
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/crypto/encoding.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/change_reverts.h"
#include "installers/host/files.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"
#include "installers/steps/firewall_changes.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

constexpr std::size_t kMostKept = 1024UL * 1024;

// UFW's files as they are: it writes them in another layout once it is used, and an uninstall puts
// the old bytes back where they say the same.
Result<nlohmann::json> keep_rule_files(Files& files) {
  nlohmann::json kept = nlohmann::json::array();
  for (const char* path : {kUfwRulesV4, kUfwRulesV6}) {
    TRY(status, files.status(path));
    if (!status || status->kind != FileKind::regular) {
      continue;
    }
    TRY(content, files.read(path));
    if (content.size() <= kMostKept) {
      nlohmann::json file = ownership_json(ownership_of(*status));
      file["path"] = path;
      file["content_base64"] = crypto::to_base64(content);
      kept.push_back(std::move(file));
    }
  }
  return kept;
}

Result<bool> same_rules(std::string_view one, std::string_view other) {
  TRY(before, parse_ufw_rules(one, IpFamily::v4));
  TRY(now, parse_ufw_rules(other, IpFamily::v4));
  return before == now;
}

Result<void> restore_rule_file(Files& files, const nlohmann::json& kept) {
  const std::string path = kept.value("path", "");
  if (path != kUfwRulesV4 && path != kUfwRulesV6) {
    return {};
  }
  TRY(before, crypto::from_base64(kept.value("content_base64", "")));
  TRY(now, files.read(path));
  TRY(same, same_rules(before, now));
  if (!same || before == now) {
    return {};  // the operator's own changes since stay
  }
  return files.write(path, before, ownership_from(kept));
}

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
    TRY(files, keep_rule_files(context.host.files));
    return nlohmann::json{{"enabled", is_enabled}, {"rule_files", std::move(files)}};
  }

  nlohmann::json wanted() const override { return {{"enabled", true}}; }

  Result<void> apply(ChangeContext& context) override {
    return context.host.systemd.enable(paths::kFirewallRevertUnit);
  }
};

}  // namespace

std::unique_ptr<Change> firewall_switch() {
  return std::make_unique<SwitchChange>();
}

Result<Reverted> revert_firewall_switch(RevertContext& context, const std::string& target,
                                        const nlohmann::json& prior, const nlohmann::json& wanted) {
  static_cast<void>(wanted);
  if (!prior.value("enabled", false)) {
    TRY_VOID(context.host.systemd.disable(target));
  }
  for (const nlohmann::json& kept : prior.value("rule_files", nlohmann::json::array())) {
    TRY_VOID(restore_rule_file(context.host.files, kept));
  }
  return Reverted{};
}

}  // namespace orama::installers
