// dev up, status, logs, restart, kill, down, supervise: a cluster of whole nodes on one machine,
// for developers, without root.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/dev/dev_cluster.h"
#include "cli/dev/dev_health.h"
#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_report.h"
#include "cli/dev/dev_supervisor.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/dev/dev_plan.h"
#include "installers/dev/supervisor.h"

namespace orama::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kOff{5}, kLongestOff{600};

Result<std::size_t> node_count(const Arguments& arguments) {
  const auto text = arguments.text("--nodes");
  if (!text) {
    return std::size_t{0};
  }
  std::size_t count = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (failure != std::errc{} || end != text->data() + text->size() || count < 1 ||
      count > installers::kMostDevNodes) {
    return make_error(Errc::invalid_argument, "--nodes: found `" + *text +
                                                  "`, expected a number from 1 to " +
                                                  std::to_string(installers::kMostDevNodes));
  }
  return count;
}

Result<std::chrono::seconds> off_time(const Arguments& arguments) {
  const auto text = arguments.text("--for");
  if (!text) {
    return kOff;
  }
  const auto time = parse_duration(*text);
  if (!time.ok() || *time < std::chrono::seconds(0) || *time > kLongestOff) {
    return make_error(Errc::invalid_argument,
                      "--for: found `" + *text + "`, expected a time from 0s to 10m");
  }
  return std::chrono::ceil<std::chrono::seconds>(*time);
}

Result<DevLayout> layout_of_caller() {
  return find_dev_layout(dev_environment_of_caller());
}

// The node that was named; not_found says which there are.
Result<DevNodeUnits> named_node(const DevLayout& layout, const Arguments& arguments) {
  TRY(nodes, list_units(layout));
  std::vector<std::string> names;
  for (DevNodeUnits& node : nodes) {
    if (node.name == arguments.words.front()) {
      return std::move(node);
    }
    names.push_back(node.name);
  }
  return make_error(Errc::not_found, "the development cluster has no node `" +
                                         arguments.words.front() + "`, it has " +
                                         joined(names, "none"));
}

Report report_of(Session& session, const std::vector<DevNodeRow>& rows) {
  Report report;
  report.data = dev_json(rows);
  report.text = dev_table(session.output, rows);
  const bool whole = std::all_of(rows.begin(), rows.end(),
                                 [](const auto& row) { return row.health.problems.empty(); });
  report.exit = whole ? ExitCode::ok : ExitCode::pending;
  return report;
}

Result<void> wait_for_node(Session& session, const DevLayout& layout, const std::string& name) {
  if (name == kEmbeddedNode) {
    return wait_for_embedded(session, std::chrono::seconds(30));
  }
  return wait_until_whole(session, layout, layout.nodes_on_disk(), std::chrono::seconds(90));
}

}  // namespace

Result<void> check_dev_up(const Arguments& arguments) {
  TRY_VOID(node_count(arguments));
  if (arguments.has("--embedded") && (arguments.has("--nodes") || arguments.has("--engines"))) {
    return make_error(Errc::invalid_argument,
                      "--embedded is one gateway without engines: it takes neither --nodes nor "
                      "--engines");
  }
  return {};
}

Result<Report> run_dev_up(Session& session, const Arguments& arguments) {
  const bool embedded = arguments.has("--embedded");
  const SteadyTime begun = session.host.clock.steady_now();
  TRY(layout, layout_of_caller());
  TRY(count, node_count(arguments));
  std::size_t nodes = 1;
  TRY(outcome, embedded ? embedded_up(session, layout)
                        : cluster_up(session, layout, {count, arguments.text("--engines")}, nodes));
  TRY(rows, look_at_cluster(session, layout));
  Report report = report_of(session, rows);
  const auto lines = embedded ? embedded_curl_lines() : curl_lines(layout, nodes);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      session.host.clock.steady_now() - begun);
  report.text =
      (outcome == DevOutcome::was_up
           ? std::string("The development cluster is up already.\n")
           : "The development cluster is up, after " + std::to_string(took.count() / 1000) + "." +
                 std::to_string(took.count() / 100 % 10) + " s.\n") +
      "\n" + report.text + "\n" + try_text(lines) + "Data: " + layout.folder +
      "\nStop it: orama dev down\n";
  report.data["already_up"] = outcome == DevOutcome::was_up;
  report.data["elapsed_ms"] = took.count();
  report.data["try"] = lines;
  return report;
}

Result<Report> run_dev_status(Session& session, const Arguments&) {
  TRY(layout, layout_of_caller());
  TRY(rows, look_at_cluster(session, layout));
  return report_of(session, rows);
}

Result<void> check_dev_node(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return make_error(Errc::invalid_argument, "which node is missing", "orama dev status");
  }
  TRY_VOID(off_time(arguments));
  return {};
}

Result<void> check_dev_logs(const Arguments& arguments) {
  TRY_VOID(check_dev_node(arguments));
  const std::string lines = arguments.text("--lines").value_or("1");
  if (lines.empty() || lines.size() > 6 ||
      lines.find_first_not_of("0123456789") != std::string::npos) {
    return make_error(Errc::invalid_argument,
                      "-n: found `" + lines + "`, expected a number from 0 to 999999");
  }
  return {};
}

Result<Report> run_dev_logs(Session& session, const Arguments& arguments) {
  namespace fs = std::filesystem;
  TRY(layout, layout_of_caller());
  const std::string folder = layout.node_folder(arguments.words.front()) + "/log";
  std::error_code failure;
  std::vector<std::string> files;
  std::vector<std::string> units;
  const std::string wanted = arguments.words.size() > 1 ? arguments.words[1] : "";
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() != ".log") {
      continue;
    }
    const std::string unit = entry.path().stem().string();
    units.push_back(unit);
    if (wanted.empty() || unit == wanted || unit == wanted + ".service" ||
        unit == "orama-" + wanted + ".service") {
      files.push_back(entry.path().string());
    }
  }
  if (files.empty()) {
    return make_error(Errc::not_found,
                      units.empty() ? "the development cluster has no node `" +
                                          arguments.words.front() + "` with logs"
                                    : "no unit `" + wanted + "` of " + arguments.words.front() +
                                          " has a log; there are " + joined(units));
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> argv = {"tail", "--lines=" + arguments.text("--lines").value_or("100")};
  if (arguments.has("--follow")) {
    argv.emplace_back("--follow=name");
    argv.emplace_back("--retry");
  }
  argv.insert(argv.end(), files.begin(), files.end());
  return session.become(argv);
}

Result<Report> run_dev_restart(Session& session, const Arguments& arguments) {
  TRY(layout, layout_of_caller());
  TRY(node, named_node(layout, arguments));
  session.output.live("stopping " + node.name + " …");
  TRY_VOID(dev_supervisor(layout).ask({"stop-node", node.name, {}, 0}));
  TRY_VOID(dev_supervisor(layout).ask({"boot", node.name, {}, 0}));
  TRY_VOID(wait_for_node(session, layout, node.name));
  Report report;
  report.data = {{"node", node.name}};
  report.text = node.name + " was restarted, and the cluster is whole.\n";
  return report;
}

Result<Report> run_dev_kill(Session&, const Arguments& arguments) {
  TRY(layout, layout_of_caller());
  TRY(node, named_node(layout, arguments));
  TRY(time, off_time(arguments));
  TRY_VOID(dev_supervisor(layout).ask({"cut", node.name, {}, static_cast<int>(time.count())}));
  Report report;
  report.data = {{"node", node.name}, {"processes", node.processes()}, {"seconds", time.count()}};
  report.text = "Killed the " + std::to_string(node.processes()) + " processes of " + node.name +
                ", as a power cut would. It boots again in " + std::to_string(time.count()) +
                " s. See what the others say: orama dev status\n";
  return report;
}

Result<Report> run_dev_down(Session& session, const Arguments& arguments) {
  TRY(layout, layout_of_caller());
  session.output.live("stopping the development cluster …");
  TRY(ended, end_supervisor(session, layout));
  Report report;
  report.data = {{"was_running", ended}, {"purged", arguments.has("--purge")}};
  report.text = ended ? "The development cluster is stopped." : "No development cluster runs.";
  if (arguments.has("--purge")) {
    std::error_code failure;
    std::filesystem::remove_all(layout.folder, failure);
    if (failure) {
      return make_error(Errc::failed, "removing " + layout.folder + ": " + failure.message());
    }
    report.text += " Its data is gone.\n";
  } else {
    report.text += layout.nodes_on_disk() > 0
                       ? " Its data stays in " + layout.folder + " (`orama dev down --purge`).\n"
                       : "\n";
  }
  return report;
}

Result<Report> run_dev_supervise(Session& session, const Arguments& arguments) {
  TRY(layout, layout_of_caller());
  layout.folder = arguments.text("--folder").value_or(layout.folder);
  layout.programs.units = arguments.text("--units").value_or(layout.programs.units);
  layout.programs.share = arguments.text("--share").value_or(layout.programs.share);
  if (arguments.has("--programs")) {
    layout.programs.folders = arguments.all("--programs");
  }
  const Log log = Log::to_stderr(LogLevel::info).named("supervisor");
  installers::Supervisor supervisor(layout.folder, layout.programs, session.host.clock, log);
  TRY_VOID(supervisor.open());
  TRY_VOID(supervisor.run());
  return Report{};
}

}  // namespace orama::cli
