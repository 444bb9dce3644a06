// Watches for the first public certificate of the node's domain. Until it is in Caddy's storage two
// issuers serve; from then on the Caddyfile names the ACME authority alone, which this writes, with
// one reload (a reload closes WebSockets). It also goes back to both, should the public certificate
// expire. Writes exactly what `orama install` would, and only over a file that orama itself wrote
// from the same templates.
#pragma once

#include <string>

#include "common/result.h"
#include "installers/agent/periodic_task.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {

// One look. Success also when there is nothing to do. `share` holds templates/.
Result<void> watch_certificate(Host& host, const std::string& share);

// That, every minute. `host` must outlive the task.
PeriodicTask certificate_watch(Host& host, const std::string& share = paths::kShare);

}  // namespace orama::installers
