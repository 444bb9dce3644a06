// invite, invite list, invite revoke: letting a host into the cluster. The token is printed once,
// in the whole command for the new host, and stands nowhere else.
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/admin_client.h"
#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::cli {
namespace {

using nlohmann::json;

// Packages of another version would be refused: the new host gets those of this one.
std::string package_lines() {
  const std::string version(build_info().version);
  return "    sudo apt install ./orama_" + version + "*.deb ./orama-components_" + version +
         "*.deb\n";
}

std::string join_command(const json& invite) {
  return "sudo orama install --join " + text_of(invite, "join_url") + " --token " +
         text_of(invite, "token") + " --vps-ip auto";
}

// qrencode gets the command on its standard input: no other process sees it.
Result<std::string> qr_code(Session& session, const std::string& text) {
  installers::Command command({"qrencode", "-t", "UTF8", "-o", "-"});
  command.input = text;
  auto drawn = installers::run_checked(session.host.commands, command);
  if (!drawn.ok() && drawn.error().code == Errc::not_found) {
    return make_error(Errc::not_found, "--qr needs the program qrencode, which is not installed",
                      "sudo apt install qrencode");
  }
  return drawn;
}

std::string invite_text(const json& invite) {
  const std::string id = text_of(invite, "id");
  return "On the new host, with the packages that this node was installed from:\n\n" +
         package_lines() + "    " + join_command(invite) +
         "\n\nThe token lets one host in, until " + text_of(invite, "expires_at") +
         ". It is shown only now.\n"
         "So that it stands in no process list: --token - reads it from standard input.\n"
         "Revoke it: sudo orama invite revoke " +
         id + "\n";
}

std::vector<std::string> row_of(const json& invite) {
  std::string who = text_of(invite, "node");
  if (who.empty()) {
    who = "-";
  }
  return {text_of(invite, "id"), text_of(invite, "state"), text_of(invite, "expires_at"), who,
          text_of(invite, "note")};
}

}  // namespace

Result<void> check_invite(const Arguments& arguments) {
  const auto ttl = arguments.text("--ttl");
  if (!ttl) {
    return {};
  }
  const auto duration = parse_duration(*ttl);
  if (!duration.ok() || *duration < std::chrono::minutes(1) || *duration > std::chrono::hours(24)) {
    return make_error(Errc::invalid_argument,
                      "--ttl: found \"" + *ttl + "\", expected a duration from 1m to 24h",
                      "such as --ttl 30m");
  }
  return {};
}

Result<Report> run_invite(Session& session, const Arguments& arguments) {
  json wish = json::object();
  if (const auto ttl = arguments.text("--ttl")) {
    wish["ttl"] = *ttl;
  }
  if (const auto note = arguments.text("--note")) {
    wish["note"] = *note;
  }
  TRY(invite, admin_call(session, "POST", "/admin/invites", wish));
  Report report;
  report.data = invite;
  report.data["command"] = join_command(invite);
  report.text = invite_text(invite);
  if (arguments.has("--qr")) {
    TRY(drawn, qr_code(session, join_command(invite)));
    report.text += "\n" + drawn;
  }
  return report;
}

Result<Report> run_invite_list(Session& session, const Arguments& arguments) {
  TRY(answer, admin_call(session, "GET", "/admin/invites"));
  std::vector<std::vector<std::string>> rows = {{"ID", "STATE", "EXPIRES", "NODE", "NOTE"}};
  json shown = json::array();
  std::size_t left_out = 0;
  for (const json& invite : answer.value("invites", json::array())) {
    const std::string state = text_of(invite, "state");
    if (arguments.has("--all") || state == "pending" || state == "redeemed") {
      rows.push_back(row_of(invite));
      shown.push_back(invite);
    } else {
      ++left_out;
    }
  }
  Report report;
  report.text = shown.empty() ? "No invitation is open.\n" : format_table(rows);
  if (left_out > 0) {
    report.text += std::to_string(left_out) + " that are over: orama invite list --all\n";
  }
  report.data = {{"invites", std::move(shown)}};
  return report;
}

Result<void> check_invite_revoke(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return make_error(Errc::invalid_argument, "`orama invite revoke` needs the invitation's id",
                      "orama invite list");
  }
  const std::string& id = arguments.words.front();
  const bool good =
      !id.empty() && id.size() <= 64 &&
      id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos;
  return good ? Result<void>()
              : make_error(Errc::invalid_argument,
                           "expected the id of an invitation, 11 characters, not the token",
                           "orama invite list");
}

Result<Report> run_invite_revoke(Session& session, const Arguments& arguments) {
  const std::string& id = arguments.words.front();
  TRY(answer, admin_call(session, "DELETE", "/admin/invites/" + id));
  Report report;
  report.data = answer;
  report.text = "The invitation " + id + " is revoked: its token lets nobody in.\n";
  return report;
}

}  // namespace orama::cli
