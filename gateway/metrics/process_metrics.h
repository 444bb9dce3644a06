// What the process itself uses (process_*, from /proc/self and getrusage) and which build it is.
#pragma once

#include <string>

#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

void add_build_info(Metrics& metrics, const std::string& version, const std::string& commit);
void add_process_metrics(Metrics& metrics);

}  // namespace orama::gateway::metrics
