// The table of `orama status`: a row a unit, then a row an area. Pure.
#pragma once

#include <vector>

#include "cli/status_facts.h"
#include "cli/status_report.h"

namespace orama::cli {

std::vector<StatusReport::Row> status_rows(const StatusFacts& facts);

}  // namespace orama::cli
