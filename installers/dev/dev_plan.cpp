#include "installers/dev/dev_plan.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/node_plan.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/saved_peers.h"

namespace orama::installers {
namespace {

// In place of the step "mesh": who the node is, and its agent. Loopback needs no device.
Step identity_step(const NodeSpec& spec) {
  Step step{"mesh", "identity and agent", {}, nullptr};
  step.changes = [spec](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(node_identity(spec));
    if (spec.joins()) {
      changes.push_back(saved_peers(spec));
    }
    changes.push_back(unit({paths::kAgentUnit, UnitSpec::Enable::yes}));
    return changes;
  };
  return step;
}

// Only a host of its own has these.
const std::vector<std::string>& left_out() {
  static const std::vector<std::string> names = {"firewall", "path", "caddy"};
  return names;
}

bool is_left_out(const std::string& name) {
  return std::find(left_out().begin(), left_out().end(), name) != left_out().end();
}

// Who waited for a step that is left out waits for what that one waited for.
std::vector<std::string> what_stays(const std::vector<std::string>& after,
                                    const std::map<std::string, std::vector<std::string>>& gone) {
  std::vector<std::string> names;
  for (const std::string& name : after) {
    const auto left = gone.find(name);
    if (left == gone.end()) {
      names.push_back(name);
      continue;
    }
    for (const std::string& before : what_stays(left->second, gone)) {
      names.push_back(before);
    }
  }
  return names;
}

}  // namespace

Result<NodeSpec> dev_node_spec(std::size_t number) {
  ORAMA_ASSERT(number >= 1 && number <= kMostDevNodes);
  NodeSpec spec;
  spec.name = "node" + std::to_string(number);
  spec.base_domain = "dev.localhost";
  spec.domain = spec.name + "." + spec.base_domain;
  TRY(local, mesh::IpAddress::parse("127.0.0.1"));
  spec.public_address = local;
  TRY(range, mesh::Cidr::parse_mesh(kDevMesh, mesh::Cidr::Use::development));
  spec.mesh_cidr = range;
  spec.mesh_ip = range.host(static_cast<std::uint32_t>(number));
  spec.firewall = false;
  return spec;
}

std::string dev_local_listen(std::size_t number) {
  return "127.0.0.1:" + std::to_string(paths::kGatewayPort + static_cast<int>(number) - 1);
}

Result<std::vector<Step>> dev_node_steps(const NodeSpec& spec, const NodeSources& sources) {
  TRY(production, node_steps(spec, sources));
  std::map<std::string, std::vector<std::string>> gone;
  std::vector<Step> steps;
  for (Step& step : production) {
    if (is_left_out(step.name)) {
      gone[step.name] = step.after;
      continue;
    }
    std::vector<std::string> after = what_stays(step.after, gone);
    if (step.name == "mesh") {
      step = identity_step(spec);
    }
    step.after = std::move(after);
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace orama::installers
