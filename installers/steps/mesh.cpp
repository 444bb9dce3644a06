#include "installers/steps/mesh.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/host/mesh_interface.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/saved_peers.h"

namespace orama::installers {

Step mesh_step(const NodeSpec& spec) {
  Step step{"mesh", "private network (WireGuard)", {}, nullptr};
  step.changes = [spec](Host&) -> Result<Changes> {
    const std::string address =
        spec.mesh_ip.to_string() + "/" + std::to_string(spec.mesh_cidr.prefix());
    Changes changes;
    changes.push_back(node_identity(spec));
    if (spec.joins()) {
      changes.push_back(saved_peers(spec));
    }
    changes.push_back(unit({paths::kWireguardUnit, UnitSpec::Enable::yes}));
    changes.push_back(unit({paths::kAgentUnit, UnitSpec::Enable::yes}));
    changes.push_back(
        wait_until({std::string(paths::kMeshInterface) + " has " + address,
                    [address](Host& host) -> Result<bool> {
                      TRY(state, read_mesh_interface(host.commands, paths::kMeshInterface));
                      const auto& all = state.addresses;
                      return state.up && std::find(all.begin(), all.end(), address) != all.end();
                    },
                    std::chrono::seconds(30), "journalctl -u orama-agent -u orama-wireguard"}));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
