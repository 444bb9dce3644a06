// uninstall: the receipt read backwards, after the node has left its cluster. Shows what it would
// do; does it only with --yes.
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/leaving.h"
#include "cli/leftovers.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "common/build_info.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/node_plan.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "installers/steps/confirm.h"
#include "installers/steps/member_link.h"

namespace orama::cli {
namespace {

using installers::DataPolicy;
using installers::LeftBehind;
using installers::Plan;
using installers::Receipt;
using nlohmann::json;

json left_json(const std::vector<LeftBehind>& list) {
  json out = json::array();
  for (const auto& item : list) {
    out.push_back({{"kind", item.kind}, {"target", item.target}, {"reason", item.reason}});
  }
  return out;
}

std::string left_text(const std::string& title, const std::vector<LeftBehind>& list) {
  if (list.empty()) {
    return "";
  }
  std::vector<std::vector<std::string>> rows;
  rows.reserve(list.size());
  for (const auto& item : list) {
    rows.push_back({"  " + item.kind + " " + item.target, item.reason});
  }
  return title + "\n" + format_table(rows);
}

Report show_plan(Session& session, const Receipt& receipt, DataPolicy data) {
  json changes = json::array();
  std::string text;
  for (auto entry = receipt.entries.rbegin(); entry != receipt.entries.rend(); ++entry) {
    text += "  " + entry->kind + " " + entry->target + "\n";
    changes.push_back({{"step", entry->step}, {"kind", entry->kind}, {"target", entry->target}});
  }
  session.output.say("Would put back what was there before, last change first:\n" + text);
  session.output.say(data == DataPolicy::purge
                         ? "Keys, databases and logs would be deleted (--purge)."
                         : "Keys and databases would stay; --purge deletes them too.");
  session.output.say("Where other nodes are in its cluster, this one would leave it first.");
  Report report;
  report.data = {{"changes", changes}, {"purge", data == DataPolicy::purge}};
  report.exit = ExitCode::pending;
  report.text = "Nothing was changed. To do it: add --yes";
  return report;
}

Result<void> verify(Session& session, DataPolicy data, Report& report) {
  TRY(found, find_leftovers(session.host, data));
  report.data["found"] = found;
  if (found.empty()) {
    report.text += data == DataPolicy::purge
                       ? "Verified: nothing of orama's is left but its packages.\n"
                       : "Verified: nothing of orama's is left but its packages, keys and data.\n";
    return {};
  }
  report.text += "Still here:\n";
  for (const std::string& item : found) {
    report.text += "  " + item + "\n";
  }
  report.exit = ExitCode::pending;
  return {};
}

Result<Report> revert(Session& session, const Arguments& arguments, DataPolicy data) {
  Plan::Options options;
  options.version = build_info().version;
  options.interrupted = &session.interrupted;
  options.command = "orama uninstall";
  TRY(left, leave_before_uninstall(session,
                                   arguments.has("--no-leave") ? LeaveFirst::no : LeaveFirst::yes));
  // While the mesh is still up; the cluster's own sweep comes after it.
  installers::MemberLink link(session.host, session.interrupted);
  const auto release = installers::release_redemption(session.host, link);
  const std::string released = release.ok() ? *release
                                            : "What became of this host's join is not known: " +
                                                  release.error().full_message();
  installers::RevertContext context{.host = session.host, .data = data};
  TRY(summary,
      Plan::revert(context, installers::change_kinds(), options, Progress(session.output)));
  Report report;
  report.data = {{"restored", summary.restored},
                 {"left", left_json(summary.left)},
                 {"kept", left_json(summary.kept)}};
  if (!left.empty()) {
    report.data["membership"] = left;
  }
  if (!released.empty()) {
    report.data["redemption"] = released;
    session.output.say(released);
  }
  report.text = "\n" + left + "Put back: " + std::to_string(summary.restored) + " changes.\n" +
                left_text("Left as they are; look at these:", summary.left) +
                left_text("Kept (keys and data; --purge deletes them):", summary.kept);
  if (!summary.left.empty()) {
    report.exit = ExitCode::pending;
  }
  if (data == DataPolicy::purge) {
    // The lock of this run, let go of by now.
    TRY_VOID(session.host.files.remove_file(options.lock_path));
  }
  if (arguments.has("--verify")) {
    TRY_VOID(verify(session, data, report));
  }
  return report;
}

// A second uninstall is a success; so it can be run for --verify alone.
Result<Report> nothing_installed(Session& session, const Arguments& arguments, DataPolicy data) {
  Report report;
  report.data = {{"restored", 0}};
  report.text = "Nothing to do: orama installed nothing here.\n";
  if (arguments.has("--verify")) {
    TRY_VOID(verify(session, data, report));
  }
  return report;
}

}  // namespace

Result<Report> run_uninstall(Session& session, const Arguments& arguments) {
  const DataPolicy data = arguments.has("--purge") ? DataPolicy::purge : DataPolicy::keep;
  TRY(receipt, Receipt::load(session.host.files));
  if (!receipt) {
    return nothing_installed(session, arguments, data);
  }
  if (!arguments.has("--yes")) {
    return show_plan(session, *receipt, data);
  }
  return revert(session, arguments, data);
}

}  // namespace orama::cli
