// What `orama dev up` and `orama dev status` show: a table of the nodes, memory, and lines to try.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/dev/dev_health.h"
#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_supervisor.h"
#include "cli/output.h"

namespace orama::cli {

struct DevNodeRow {
  std::string name, mesh_ip, gateway_url;
  DevHealth health;
  DevNodeUnits units;
  std::size_t memory = 0;  // bytes
};

std::string dev_table(const Output& output, const std::vector<DevNodeRow>& rows);
nlohmann::json dev_json(const std::vector<DevNodeRow>& rows);
// Three, each works as it is printed.
std::vector<std::string> curl_lines(const DevLayout& layout, std::size_t nodes);
std::vector<std::string> embedded_curl_lines();
// The lines as a paragraph.
std::string try_text(const std::vector<std::string>& lines);

}  // namespace orama::cli
