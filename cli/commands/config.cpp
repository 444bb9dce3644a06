// config show, config check: the gateway reads its own configuration and says what it read.
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using nlohmann::json;

const std::string kGateway = std::string(installers::paths::kLibrary) + "/orama-gateway";

// What stands on the gateway's standard error is written for people already: one problem a line.
Result<std::string> run_gateway(Session& session, const std::string& flag) {
  TRY(output, session.host.commands.run(installers::Command({kGateway, flag})));
  if (output.ok()) {
    return output.out;
  }
  std::string problems = output.err;
  while (!problems.empty() && problems.back() == '\n') {
    problems.pop_back();
  }
  return make_error(
      Errc::failed, "the configuration is not right:\n" + problems,
      std::string("edit ") + installers::paths::kConfig + ", then `orama config check`");
}

}  // namespace

Result<Report> run_config_show(Session& session, const Arguments& arguments) {
  TRY(text, run_gateway(session, "--show-config"));
  TRY(entries, parse_json(text).while_doing("reading the answer of " + kGateway));
  if (!entries.is_array()) {
    return make_error(Errc::failed, kGateway + " --show-config printed no list");
  }
  const bool origin = arguments.has("--origin");
  std::vector<std::vector<std::string>> rows;
  for (json& entry : entries) {
    if (!entry.is_object()) {
      return make_error(Errc::failed, kGateway + " --show-config printed a list of something else");
    }
    std::vector<std::string> row = {entry.value("key", ""), entry.value("value", "")};
    if (origin) {
      row.push_back(entry.value("origin", ""));
    } else {
      entry.erase("origin");
    }
    rows.push_back(std::move(row));
  }
  Report report;
  report.text = format_table(rows);
  report.data = {{"entries", std::move(entries)}};
  return report;
}

Result<Report> run_config_check(Session& session, const Arguments&) {
  TRY_VOID(run_gateway(session, "--check"));
  Report report;
  report.data = {{"file", installers::paths::kConfig}};
  report.text = std::string(installers::paths::kConfig) + ": no problems found";
  return report;
}

}  // namespace orama::cli
