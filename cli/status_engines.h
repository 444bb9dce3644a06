// What `orama status` says of the engines beside the registry (database, cache, storage, pinning):
// a row each, what is down, since when, and what to do. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/desired.h"
#include "common/api/status.h"

namespace orama::cli {

// Whether it is the unit, or the check, of one of these engines.
bool is_engine_unit(std::string_view unit);
bool is_engine_check(std::string_view name);

// Of those that this node's gateway looks at, and of those whose unit does not run.
std::vector<StatusReport::Row> engine_rows(const StatusFacts& facts);

struct EngineProblem {
  std::string what, next;
};
std::vector<EngineProblem> engine_problems(const StatusFacts& facts);

// "cache failed, pinning inactive": of a node's engines by its own report; "" when all run.
std::string engines_down(const api::Node& node);

}  // namespace orama::cli
