// The judgement of `orama status`: from facts to a verdict, a table and what to do next. Pure, so
// that every verdict has a test.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/status_facts.h"

namespace orama::cli {

struct StatusReport {
  enum class Verdict { healthy, degraded, unreachable, not_installed } verdict = Verdict::healthy;
  std::string headline;               // "node1 is healthy"
  std::vector<std::string> problems;  // what is wrong, most important first
  struct Row {
    std::string area, state, detail;
    Style style = Style::plain;  // of the state
  };
  std::vector<Row> rows;
  std::vector<std::string> next;    // commands and advice
  std::vector<std::string> hidden;  // what this caller may not see
};

StatusReport judge_status(const StatusFacts& facts);

std::string status_text(const Output& output, const StatusReport& report);
nlohmann::json status_json(const StatusFacts& facts, const StatusReport& report);
ExitCode status_exit(StatusReport::Verdict verdict);

}  // namespace orama::cli
