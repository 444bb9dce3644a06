#include "cli/leftovers.h"

#include <string>
#include <vector>

#include "cli/services.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"
#include "installers/steps/firewall_ufw.h"
#include "installers/steps/users.h"

namespace orama::cli {
namespace {

using installers::DataPolicy;
using installers::Host;
namespace paths = installers::paths;
using Found = std::vector<std::string>;

std::vector<std::string> owned_paths(DataPolicy data) {
  std::vector<std::string> list = {paths::kConfig,
                                   paths::kRqliteEnv,
                                   paths::kCaddyFolder,
                                   "/etc/systemd/system/caddy.service.d/orama.conf",
                                   "/etc/systemd/system/orama-gateway.socket.d",
                                   "/etc/systemd/system/orama-rqlite@default.service.d",
                                   "/etc/systemd/system/orama-olric.service.d",
                                   "/etc/systemd/system/orama-ipfs.service.d",
                                   "/etc/systemd/system/orama-ipfs-cluster.service.d",
                                   "/etc/systemd/system/multi-user.target.wants/orama.target",
                                   paths::kWireguardSocket};
  if (data == DataPolicy::purge) {
    list.insert(list.end(), {paths::kConfigFolder, paths::kState, paths::kLogs});
  }
  return list;
}

Result<void> find_paths(Host& host, DataPolicy data, Found& found) {
  for (const std::string& path : owned_paths(data)) {
    TRY(status, host.files.status(path));
    if (status) {
      found.push_back(path);
    }
  }
  return {};
}

Result<void> find_units(Host& host, Found& found) {
  std::vector<std::string> units = {paths::kTarget, paths::kFirewallRevertTimer};
  for (const Service& service : services()) {
    if (service.owner == Service::Owner::orama) {
      units.emplace_back(service.unit);
      if (!service.socket.empty()) {
        units.emplace_back(service.socket);
      }
    }
  }
  TRY(states, host.systemd.states(units));
  for (const installers::UnitState& state : states) {
    if (state.is_active() || state.is_enabled()) {
      found.push_back(state.name + " is " + (state.is_active() ? state.active : state.enabled));
    }
  }
  return {};
}

Result<void> find_users(Host& host, Found& found) {
  for (const std::string& user : installers::service_users()) {
    TRY(output, host.commands.run(installers::Command({"getent", "passwd", user})));
    if (output.ok()) {
      found.push_back("user " + user);
    }
  }
  return {};
}

Result<void> find_interface(Host& host, Found& found) {
  TRY(output,
      host.commands.run(installers::Command({"ip", "link", "show", "dev", paths::kMeshInterface})));
  if (output.ok()) {
    found.push_back(std::string("network interface ") + paths::kMeshInterface);
  }
  return {};
}

Result<void> find_rules(Host& host, Found& found) {
  TRY(rules, installers::read_ufw_rules(host.files));
  for (const installers::UfwRule& rule : rules) {
    if (rule.is_ours()) {
      found.push_back("firewall rule: " + rule.to_string());
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_leftovers(Host& host, DataPolicy data) {
  Found found;
  TRY_VOID(find_paths(host, data, found));
  TRY_VOID(find_units(host, found));
  TRY_VOID(find_interface(host, found));
  TRY_VOID(find_rules(host, found));
  if (data == DataPolicy::purge) {
    TRY_VOID(find_users(host, found));
  }
  return found;
}

}  // namespace orama::cli
