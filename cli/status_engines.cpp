#include "cli/status_engines.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.h"
#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using Row = StatusReport::Row;
using installers::UnitState;
namespace paths = installers::paths;

struct Engine {
  std::string_view name;  // of the check and of the unit's short name
  std::string_view unit;
  std::string_view not_ready;  // what helps one that answers and cannot serve
};

constexpr std::array<Engine, 4> kEngines = {{
    {"database", paths::kDatabaseUnit, "orama node list (a majority of the nodes must be up)"},
    {"cache", paths::kOlricUnit, "orama node list (a majority of the nodes must be up)"},
    {"storage", paths::kIpfsUnit, "orama logs storage"},
    {"pinning", paths::kIpfsClusterUnit, "orama logs storage"},
}};

const UnitState* unit_of(const StatusFacts& facts, const Engine& engine) {
  const auto found =
      std::find_if(facts.units.begin(), facts.units.end(),
                   [&engine](const UnitState& unit) { return unit.name == engine.unit; });
  return found == facts.units.end() ? nullptr : &*found;
}

const api::Check* check_of(const StatusFacts& facts, const Engine& engine) {
  const auto found = facts.gateway.checks.find(std::string(engine.name));
  return found == facts.gateway.checks.end() ? nullptr : &found->second;
}

// What systemd says of one that does not run; "" of one that does, or that it was not asked about.
std::string unit_trouble(const UnitState* unit) {
  if (unit == nullptr || unit->is_active()) {
    return "";
  }
  const bool absent = unit->load == "masked" || unit->load == "not-found";
  return unit->name + " is " + (absent ? unit->load : unit->active);
}

// The unit's own time where the process is what failed, else the first look that failed.
std::string down_since(const UnitState* unit, const api::Check* check) {
  if (unit != nullptr && !unit->is_active() && !unit->since.empty()) {
    return unit->since;
  }
  return check == nullptr ? std::string() : check->since;
}

std::string check_trouble(const api::Check& check) {
  return !check.trouble.empty() ? check.trouble
                                : "the gateway's look failed: " + check.reason.value_or("error");
}

std::string next_for_unit(const Engine& engine, const UnitState& unit) {
  const std::string name(engine.name);
  if (unit.load == "masked") {
    return "sudo systemctl unmask " + unit.name + ", then sudo orama start " + name;
  }
  if (unit.load == "not-found") {
    return "sudo apt install --reinstall ./orama_*.deb";
  }
  return unit.active == "inactive" ? "sudo orama start " + name : "orama logs " + name;
}

std::string next_for_check(const Engine& engine, const api::Check& check) {
  const std::string name(engine.name);
  if (check.reason == "not_ready") {
    return std::string(engine.not_ready);
  }
  return check.reason == "timeout"
             ? "sudo orama restart " + name + " (it hangs; orama logs " + name + " says why)"
             : "orama logs " + name;
}

std::string milliseconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ms", value);
  return text.data();
}

Row row_of(const StatusFacts& facts, const Engine& engine) {
  const UnitState* unit = unit_of(facts, engine);
  const api::Check* check = check_of(facts, engine);
  const std::string trouble = unit_trouble(unit);
  const bool down = !trouble.empty() || (check != nullptr && check->status == "down");
  const std::string product = check == nullptr ? std::string() : check->engine;
  std::string detail = product;
  const auto add = [&detail](const std::string& part) {
    detail += (detail.empty() || part.empty() ? "" : ", ") + part;
  };
  if (!down) {
    add(check->since.empty() ? "" : "up since " + check->since);
    add(check->latency_ms ? "answered in " + milliseconds(*check->latency_ms) : "");
    return {std::string(engine.name), check->status, detail, Style::good};
  }
  const std::string since = down_since(unit, check);
  add(since.empty() ? "" : "down since " + since);
  add(!trouble.empty() ? trouble : check_trouble(*check));
  return {std::string(engine.name), "down", detail, Style::bad};
}

}  // namespace

bool is_engine_unit(std::string_view unit) {
  return std::any_of(kEngines.begin(), kEngines.end(),
                     [unit](const Engine& engine) { return engine.unit == unit; });
}

bool is_engine_check(std::string_view name) {
  return std::any_of(kEngines.begin(), kEngines.end(),
                     [name](const Engine& engine) { return engine.name == name; });
}

std::vector<Row> engine_rows(const StatusFacts& facts) {
  std::vector<Row> rows;
  for (const Engine& engine : kEngines) {
    if (check_of(facts, engine) != nullptr || !unit_trouble(unit_of(facts, engine)).empty()) {
      rows.push_back(row_of(facts, engine));
    }
  }
  return rows;
}

std::vector<EngineProblem> engine_problems(const StatusFacts& facts) {
  std::vector<EngineProblem> problems;
  for (const Engine& engine : kEngines) {
    const UnitState* unit = unit_of(facts, engine);
    const api::Check* check = check_of(facts, engine);
    const std::string since = down_since(unit, check);
    const std::string down =
        std::string(engine.name) + " is down" + (since.empty() ? "" : " since " + since) + ": ";
    if (const std::string trouble = unit_trouble(unit); !trouble.empty()) {
      problems.push_back({down + trouble, next_for_unit(engine, *unit)});
    } else if (check != nullptr && check->counted && check->status == "down") {
      problems.push_back({down + check_trouble(*check), next_for_check(engine, *check)});
    }
  }
  return problems;
}

std::string engines_down(const api::Node& node) {
  std::string text;
  if (!node.actual) {
    return text;
  }
  for (const api::Actual::Unit& unit : node.actual->units) {
    const auto engine = std::find_if(kEngines.begin(), kEngines.end(), [&unit](const Engine& each) {
      return each.unit == unit.name;
    });
    if (engine != kEngines.end() && unit.active != "active") {
      text += (text.empty() ? "" : ", ") + std::string(engine->name) + " " + unit.active;
    }
  }
  return text;
}

}  // namespace orama::cli
