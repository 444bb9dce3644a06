// The three kinds of change that the firewall step is made of: "firewall-switch" (the revert unit
// is honoured at boot), "ufw-rule" (one rule), "ufw-enabled" (UFW is on and the host was proven
// reachable).
#pragma once

#include <memory>
#include <string>

#include "common/mesh/ip_address.h"
#include "installers/change.h"
#include "installers/steps/firewall_banner.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {

std::unique_ptr<Change> firewall_switch();

// Converged by an operator's own rule for the same traffic too, which is then never deleted;
// conflict when theirs denies it. With UFW on it arms the switch first; "ufw-enabled" proves and
// disarms.
std::unique_ptr<Change> ufw_rule(WantedRule rule);

// `public_address` stands in where the host has none of its own. Without proof everything is put
// back and the error is Errc::pending.
std::unique_ptr<Change> ufw_enabled(mesh::IpAddress public_address,
                                    std::unique_ptr<BannerReader> reader);

Result<Reverted> revert_firewall_switch(RevertContext& context, const std::string& target,
                                        const nlohmann::json& prior, const nlohmann::json& wanted);
Result<Reverted> revert_ufw_rule(RevertContext& context, const std::string& target,
                                 const nlohmann::json& prior, const nlohmann::json& wanted);
Result<Reverted> revert_ufw_enabled(RevertContext& context, const std::string& target,
                                    const nlohmann::json& prior, const nlohmann::json& wanted);

}  // namespace orama::installers
