#include "installers/steps/target.h"

#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/step.h"

namespace orama::installers {

Step target_step() {
  Step step{"target", "start at boot", {}, nullptr};
  step.changes = [](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(unit({paths::kTarget, UnitSpec::Enable::yes}));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
