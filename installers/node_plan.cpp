#include "installers/node_plan.h"

#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/caddy.h"
#include "installers/steps/cluster.h"
#include "installers/steps/confirm.h"
#include "installers/steps/engines.h"
#include "installers/steps/firewall.h"
#include "installers/steps/gateway.h"
#include "installers/steps/mesh.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/path_mtu.h"
#include "installers/steps/peers.h"
#include "installers/steps/redeem.h"
#include "installers/steps/registration.h"
#include "installers/steps/registry.h"
#include "installers/steps/secrets.h"
#include "installers/steps/shared_secrets.h"
#include "installers/steps/target.h"
#include "installers/steps/users.h"

namespace orama::installers {
namespace {

Step after(std::vector<std::string> names, Step step) {
  step.after = std::move(names);
  return step;
}

}  // namespace

std::vector<Step> redeem_steps(const std::string& invite, const NodeSources& sources) {
  std::vector<Step> steps;
  steps.push_back(after({}, users_step(sources)));
  steps.push_back(after({"users"}, own_keys_step()));
  steps.push_back(after({"keys"}, redeem_step(invite, sources.join)));
  return steps;
}

Result<std::vector<Step>> node_steps(const NodeSpec& spec, const NodeSources& sources) {
  if (spec.node_id.empty() || spec.cluster_id.empty()) {
    return make_error(Errc::invalid_argument,
                      "the node has no id yet; expected one made by the caller");
  }
  std::vector<Step> steps;
  if (spec.joins()) {
    steps = redeem_steps(spec.invite, sources);
  } else {
    steps.push_back(after({}, users_step(sources)));
    steps.push_back(after({"users"}, secrets_step()));
  }
  steps.push_back(after({steps.back().name}, mesh_step(spec)));
  // Engines wait for the firewall: what it cannot prove stops the install before anything listens.
  if (spec.firewall) {
    steps.push_back(after({"mesh"}, firewall_step(spec)));
  }
  if (spec.joins()) {
    steps.push_back(after({steps.back().name}, peers_step(sources)));
    steps.push_back(after({"peers"}, path_mtu_step(sources)));
  }
  const std::string open = steps.back().name;
  if (spec.joins()) {
    steps.push_back(after({open}, shared_secrets_step(spec, sources)));
  }
  steps.push_back(after({steps.back().name}, registry_step(spec)));
  steps.push_back(after({"registry"}, gateway_step(spec, sources)));
  // A node that joins must know its cluster's engines, by its gateway; at genesis there are none.
  steps.push_back(after({spec.joins() ? "gateway" : open}, engines_step(spec, sources)));
  steps.push_back(after({"gateway", "engines"},
                        spec.joins() ? confirm_step(spec, sources) : cluster_step(spec)));
  const std::string in_cluster = steps.back().name;
  // Beside the registry: it needs nothing of it, and the first certificate takes its time.
  steps.push_back(after({open}, caddy_step(spec, sources)));
  steps.push_back(after({in_cluster, "caddy"}, target_step()));
  return steps;
}

std::vector<ChangeKind> change_kinds() {
  std::vector<ChangeKind> kinds = shared_change_kinds();
  kinds.push_back(users_kind());
  kinds.push_back(cluster_kind());
  kinds.push_back(redemption_kind());
  kinds.push_back(member_kind());
  kinds.push_back(registration_kind());
  kinds.push_back(engine_ids_kind());
  kinds.push_back(caddyfile_kind());
  for (const auto& more : {node_file_kinds(), firewall_change_kinds()}) {
    kinds.insert(kinds.end(), more.begin(), more.end());
  }
  return kinds;
}

}  // namespace orama::installers
