// agent (hidden): the node agent, as orama-agent.service runs it, what holds the
// mesh interface, and the two questions that other units ask.
#include <net/if.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/api/desired.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/agent/agent.h"
#include "installers/agent/cache_keeper.h"
#include "installers/agent/certificate_watch.h"
#include "installers/agent/host_mesh_device.h"
#include "installers/agent/mesh_back_end.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/removed_nodes.h"
#include "installers/agent/secret_sealer.h"
#include "installers/agent/service_notifier.h"
#include "installers/agent/storage_keeper.h"
#include "installers/agent/voter_change.h"
#include "installers/dev/dev_mesh_device.h"
#include "installers/dev/node_root.h"
#include "installers/engines/olric.h"
#include "installers/engines/prepare.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "installers/rqlite_guard.h"
#include "installers/steps/firewall_switch.h"

namespace orama::cli {

namespace {

// Of the unit that runs this (systemd.exec(5), LoadCredential=); "" outside of one.
std::string credentials_folder() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder == nullptr ? std::string() : folder;
}

}  // namespace

Result<Report> run_agent_service(Session& session, const Arguments&) {
  installers::SystemdNotifier notifier;
  installers::AgentOptions options;
  options.credentials = credentials_folder();
  std::unique_ptr<installers::MeshDevice> device;
  if (session.development != nullptr) {
    device = std::make_unique<installers::DevMeshDevice>(session.host.clock);
    options.interface_index = [] { return 1U; };  // loopback, which is always there
  } else {
    device = std::make_unique<installers::HostMeshDevice>();
    options.tasks.push_back(installers::certificate_watch(session.host));
  }
  const auto follow = [&options](const char* name, const auto& follower) {
    options.followers.push_back(
        {name, [follower](const api::Desired& desired) { return follower->follow(desired); }});
  };
  installers::Host& host = session.host;
  follow("sealing", std::make_shared<installers::SecretSealer>(host, options.admin_socket));
  for (const installers::RqliteEngine* engine :
       {&installers::kRegistry, &installers::kDefaultDatabase}) {
    follow(engine->voter_lock, std::make_shared<installers::VoterChange>(host, *engine));
    follow("removed nodes", std::make_shared<installers::RemovedNodes>(host, *engine));
  }
  follow("cache", std::make_shared<installers::CacheKeeper>(host, olric_look(host.files)));
  follow("storage", std::make_shared<installers::StorageKeeper>(host));
  const Log log = Log::to_stderr(LogLevel::info).named("agent");
  Result<void> ended =
      installers::run_agent(session.host, *device, notifier, log, options, session.interrupted);
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
  TRY_VOID(installers::rqlite_guard(session.host.files, installers::kRegistry));
  return Report{};
}

Result<Report> run_prepare(Session& session, const Arguments& arguments) {
  installers::PrepareOptions options;
  options.credentials = credentials_folder();
  options.templates = session.caller.share + "/templates";
  options.disk = session.development == nullptr
                     ? installers::paths::kState
                     : session.development->path(installers::paths::kState);
  TRY_VOID(installers::prepare_engine(
      session.host, arguments.words.empty() ? "" : arguments.words.front(), options));
  return Report{};
}

Result<Report> run_firewall_revert(Session& session, const Arguments&) {
  TRY_VOID(installers::revert_firewall(session.host));
  return Report{};
}

}  // namespace orama::cli
