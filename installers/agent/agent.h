// `orama agent`: owns orama0. Brings it up from node.json, its key and the saved desired state,
// tells systemd when it has its address, keeps it (a new wireguard-go is set up within a second),
// follows the gateway's desired state and reports what is. Lives without gateway and registry.
// Threads: the caller's keeps the interface and the watchdog, one waits for the gateway, one
// reports and runs tasks, and one each for what follows the desired state. Ends when `stop` is set
// and leaves orama0 as it is.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "common/log.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/periodic_task.h"
#include "installers/agent/service_notifier.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {

struct AgentOptions {
  std::string credentials =
      paths::kSecrets;  // folder that holds wireguard.key: $CREDENTIALS_DIRECTORY
  std::string saved_desired = paths::kSavedDesired;
  std::string admin_socket = paths::kAdminSocket;
  std::vector<PeriodicTask> tasks;            // each on the reporting thread
  std::vector<DesiredTask> followers;         // each on a thread of its own
  std::function<unsigned()> interface_index;  // of orama0, 0 without; empty: if_nametoindex
};

// An error: what the agent cannot start without (node.json, key) is missing or wrong.
Result<void> run_agent(Host& host, MeshDevice& device, ServiceNotifier& notifier, const Log& log,
                       const AgentOptions& options, const std::atomic<bool>& stop);

}  // namespace orama::installers
