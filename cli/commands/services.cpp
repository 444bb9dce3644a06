// start, stop, restart: the node's units in their order. Nothing is enabled or disabled.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/services.h"
#include "cli/session.h"
#include "common/result.h"
#include "installers/host/systemd.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

namespace paths = installers::paths;

enum class Verb { start, stop, restart };

// Conditions keep units quiet on a host without node.json: systemctl would report success and do
// nothing.
Result<void> require_node(Session& session) {
  TRY(status, session.host.files.status(paths::kNodeJson));
  if (!status) {
    return make_error(
        Errc::not_found,
        "this host is not an orama node: there is no " + std::string(paths::kNodeJson),
        "sudo orama install --vps-ip auto --domain node1.example.com");
  }
  return {};
}

// Without a name: all of ours; Caddy may serve other sites, so it is only ever started along.
Result<std::vector<Service>> chosen_services(const Arguments& arguments, Verb verb) {
  if (!arguments.words.empty()) {
    TRY(service, find_service(arguments.words.front()));
    return std::vector<Service>{*service};
  }
  std::vector<Service> chosen;
  for (const Service& service : services()) {
    const bool skipped =
        (service.owner == Service::Owner::distribution && verb != Verb::start) ||
        // The mesh device keeps its connections: the agent's restart leaves it as it is.
        (verb == Verb::restart && service.unit == paths::kWireguardUnit);
    if (!skipped) {
      chosen.push_back(service);
    }
  }
  if (verb == Verb::stop) {
    std::reverse(chosen.begin(), chosen.end());
  }
  return chosen;
}

Result<void> act(installers::Systemd& systemd, const Service& service, Verb verb) {
  const std::string unit(service.unit);
  const std::string socket(service.socket);
  switch (verb) {
    case Verb::start:
      if (!socket.empty()) {
        TRY_VOID(systemd.start(socket));
      }
      return systemd.start(unit);
    case Verb::stop:
      // The socket first: a connection to a socket that still listens would start the service
      // again.
      if (!socket.empty()) {
        TRY_VOID(systemd.stop(socket));
      }
      return systemd.stop(unit);
    case Verb::restart:
      return systemd.restart(unit);
  }
  return {};
}

std::string_view done_word(Verb verb) {
  switch (verb) {
    case Verb::start:
      return "started";
    case Verb::stop:
      return "stopped";
    case Verb::restart:
      return "restarted";
  }
  return "";
}

Result<Report> run_verb(Session& session, const Arguments& arguments, Verb verb) {
  TRY_VOID(require_node(session));
  TRY(chosen, chosen_services(arguments, verb));
  const bool all = arguments.words.empty();
  if (all && verb == Verb::start) {
    TRY_VOID(session.host.systemd.start(paths::kTarget));
  }
  nlohmann::json units = nlohmann::json::array();
  for (const Service& service : chosen) {
    if (session.interrupted.load()) {
      return make_error(Errc::interrupted, "interrupted before " + std::string(service.name),
                        "orama status");
    }
    session.output.live(std::string(service.what) + " …");
    TRY_VOID(act(session.host.systemd, service, verb)
                 .while_doing(std::string(done_word(verb)) + ": " + std::string(service.name)));
    session.output.say(std::string(service.what) + ": " + std::string(done_word(verb)));
    units.push_back({{"name", service.name}, {"unit", service.unit}, {"state", done_word(verb)}});
  }
  if (all && verb == Verb::stop) {
    TRY_VOID(session.host.systemd.stop(paths::kTarget));
    session.output.say("Caddy keeps running: it may serve other sites (`sudo orama stop caddy`).");
    session.output.say("Units start again at the next boot, or with `sudo orama start`.");
  }
  return Report{.data = {{"units", units}}};
}

}  // namespace

Result<void> check_service_name(const Arguments& arguments) {
  if (!arguments.words.empty()) {
    TRY_VOID(find_service(arguments.words.front()));
  }
  return {};
}

Result<Report> run_start(Session& session, const Arguments& arguments) {
  return run_verb(session, arguments, Verb::start);
}

Result<Report> run_stop(Session& session, const Arguments& arguments) {
  return run_verb(session, arguments, Verb::stop);
}

Result<Report> run_restart(Session& session, const Arguments& arguments) {
  return run_verb(session, arguments, Verb::restart);
}

}  // namespace orama::cli
