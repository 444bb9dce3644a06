#include "installers/steps/registry.h"

#include <string>

#include "common/result.h"
#include "common/text_template.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "installers/step.h"
#include "installers/steps/rqlite_changes.h"

namespace orama::installers {
namespace {

Result<std::string> environment_file(const NodeSpec& spec) {
  return fill_template("ORAMA_NODE_ID=${node_id}\nORAMA_MESH_IP=${mesh_ip}\n",
                       {{"node_id", spec.node_id}, {"mesh_ip", spec.mesh_ip.to_string()}},
                       TemplateFormat::env_file);
}

}  // namespace

Step registry_step(const NodeSpec& spec) {
  Step step{"registry", "registry (RQLite)", {}, nullptr};
  step.changes = [spec](Host& host) -> Result<Changes> {
    TRY_VOID(rqlite_data_is_there(host, kRegistry));
    TRY(environment, environment_file(spec));
    Changes changes;
    changes.push_back(
        file({paths::kRqliteEnv, environment, {0644, "root", "root"}, {kRegistry.unit}}));
    if (spec.joins()) {
      changes.push_back(rqlite_join(kRegistry, spec.node_id));
    }
    changes.push_back(unit({kRegistry.unit, UnitSpec::Enable::yes}));
    changes.push_back(rqlite_answers(kRegistry, spec.mesh_ip.to_string()));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
