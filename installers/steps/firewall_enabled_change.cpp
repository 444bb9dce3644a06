// The change kind "ufw-enabled".
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"
#include "installers/steps/firewall_banner.h"
#include "installers/steps/firewall_changes.h"
#include "installers/steps/firewall_probe.h"
#include "installers/steps/firewall_proof.h"
#include "installers/steps/firewall_ssh.h"
#include "installers/steps/firewall_switch.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

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

std::unique_ptr<Change> ufw_enabled(mesh::IpAddress public_address,
                                    std::unique_ptr<BannerReader> reader) {
  return std::make_unique<EnabledChange>(public_address, std::move(reader));
}

Result<Reverted> revert_ufw_enabled(RevertContext& context, const std::string& target,
                                    const nlohmann::json& prior, const nlohmann::json& wanted) {
  static_cast<void>(target);
  static_cast<void>(wanted);
  Host& host = context.host;
  ProbeNetwork::remove_leftovers(host);
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
