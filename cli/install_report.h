// The texts of `orama install`: preflight table, plan, what is different from last time, and the
// closing words. Pure: values in, text out.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/install_spec.h"
#include "cli/output.h"
#include "installers/node_spec.h"
#include "installers/plan.h"
#include "installers/preflight/preflight.h"

namespace orama::cli {

// A row a check; of those that are not ok also what is wanted and the fix.
std::string preflight_text(const Output& output, const std::vector<installers::Finding>& findings);
nlohmann::json preflight_json(const std::vector<installers::Finding>& findings);

// The changes under their steps: a line each, or with the diff behind it.
enum class PlanDetail { lines, diffs };
std::string plan_text(const Output& output, const std::vector<installers::PlannedChange>& changes,
                      PlanDetail detail);
nlohmann::json plan_json(const std::vector<installers::PlannedChange>& changes);

std::string differences_text(const std::vector<SpecDecision::Difference>& differences);

struct DnsRecord {
  std::string name, type, value;
};
std::vector<DnsRecord> dns_records(const installers::NodeSpec& spec);

// DNS records to create, what to save, what comes later, and the next command.
std::string closing_text(const installers::NodeSpec& spec);
nlohmann::json closing_json(const installers::NodeSpec& spec);

}  // namespace orama::cli
