// How the report of `orama status` is written, for people and for programs.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/status.h"

namespace orama::cli {
namespace {

using Verdict = StatusReport::Verdict;

Style verdict_style(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return Style::good;
    case Verdict::degraded:
    case Verdict::not_installed:
      return Style::warning;
    case Verdict::unreachable:
      return Style::bad;
  }
  return Style::plain;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::healthy:
      return "healthy";
    case Verdict::degraded:
      return "degraded";
    case Verdict::unreachable:
      return "unreachable";
    case Verdict::not_installed:
      return "not_installed";
  }
  return "";
}

std::string listed(const std::string& title, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += "  " + line + "\n";
  }
  return text.empty() ? "" : "\n" + title + "\n" + text;
}

}  // namespace

std::string status_text(const Output& output, const StatusReport& report) {
  std::string text = output.paint(verdict_style(report.verdict), report.headline) + "\n";
  std::vector<std::vector<std::string>> rows;
  rows.reserve(report.rows.size());
  for (const StatusReport::Row& row : report.rows) {
    rows.push_back({"  " + row.area, output.paint(row.style, row.state), row.detail});
  }
  text += rows.empty() ? "" : "\n" + format_table(rows);
  // One alone stands in the headline already.
  if (report.problems.size() > 1 || report.verdict == Verdict::not_installed) {
    text += listed("Problems:", report.problems);
  }
  text += listed("Next:", report.next);
  return text + listed("Not shown to you (try `sudo orama status`):", report.hidden);
}

nlohmann::json status_json(const StatusFacts& facts, const StatusReport& report) {
  nlohmann::json body = {{"verdict", verdict_name(report.verdict)},
                         {"headline", report.headline},
                         {"problems", report.problems},
                         {"next", report.next},
                         {"hidden", report.hidden},
                         {"version", facts.version},
                         {"node", nullptr},
                         {"admin", nullptr}};
  nlohmann::json rows = nlohmann::json::array();
  for (const StatusReport::Row& row : report.rows) {
    rows.push_back({{"area", row.area}, {"state", row.state}, {"detail", row.detail}});
  }
  body["rows"] = std::move(rows);
  if (facts.node) {
    body["node"] = facts.node->to_json();
  }
  nlohmann::json nodes = nlohmann::json::array();
  for (const api::Node& node : facts.gateway.nodes) {
    nodes.push_back(node.to_json());
  }
  body["nodes"] = std::move(nodes);
  if (facts.gateway.admin) {
    body["admin"] = facts.gateway.admin->to_json();
  }
  return body;
}

}  // namespace orama::cli
