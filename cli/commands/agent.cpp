// agent (hidden): the node agent, as orama-agent.service runs it, what holds the
// mesh interface, and the two questions that other units ask.
#include <net/if.h>

#include <cstdlib>
#include <utility>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/api/desired.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/agent/agent.h"
#include "installers/agent/certificate_watch.h"
#include "installers/agent/host_mesh_device.h"
#include "installers/agent/mesh_back_end.h"
#include "installers/agent/removed_nodes.h"
#include "installers/agent/secret_sealer.h"
#include "installers/agent/service_notifier.h"
#include "installers/agent/voter_change.h"
#include "installers/paths.h"
#include "installers/registry_guard.h"
#include "installers/steps/firewall_switch.h"

namespace orama::cli {

Result<Report> run_agent_service(Session& session, const Arguments&) {
  installers::HostMeshDevice device;
  installers::SystemdNotifier notifier;
  installers::AgentOptions options;
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr) {
    options.credentials = credentials;
  }
  options.tasks.push_back(installers::certificate_watch(session.host));
  installers::SecretSealer sealer(session.host, options.admin_socket);
  options.followers.push_back(
      {"sealing", [&sealer](const api::Desired& desired) { return sealer.follow(desired); }});
  installers::VoterChange votes(session.host);
  options.followers.push_back(
      {"voter change", [&votes](const api::Desired& desired) { return votes.follow(desired); }});
  installers::RemovedNodes removed(session.host);
  options.followers.push_back({"removed nodes", [&removed](const api::Desired& desired) {
                                 return removed.follow(desired);
                               }});
  const Log log = Log::to_stderr(LogLevel::info).named("agent");
  Result<void> ended =
      installers::run_agent(session.host, device, notifier, log, options, session.interrupted);
  if (!ended.ok()) {
    log.error("the agent cannot run", ended.error());
    return std::move(ended).error();
  }
  return Report{};
}

Result<Report> run_mesh_device(Session& session, const Arguments&) {
  const Log log = Log::to_stderr(LogLevel::info).named("mesh-device");
  TRY(back_end, installers::make_kernel_device(session.host.commands, log));
  if (back_end == installers::MeshBackEnd::kernel) {
    TRY_VOID(installers::hold_kernel_device(
        session.host.commands, session.host.clock,
        [] { return if_nametoindex(installers::paths::kMeshInterface); }, session.interrupted));
    return Report{};
  }
  return session.become({"/usr/bin/wireguard-go", installers::paths::kMeshInterface});
}

Result<Report> run_registry_guard(Session& session, const Arguments&) {
  TRY_VOID(installers::registry_guard(session.host.files));
  return Report{};
}

Result<Report> run_firewall_revert(Session& session, const Arguments&) {
  TRY_VOID(installers::revert_firewall(session.host));
  return Report{};
}

}  // namespace orama::cli
