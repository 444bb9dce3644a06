// mesh show, up, down: the interface for people. The agent owns it; up and down work through its
// units.
#include <string>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/mesh_report.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/result.h"
#include "installers/agent/host_mesh_device.h"
#include "installers/agent/mesh_commands.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

namespace paths = installers::paths;

Result<void> require_node(Session& session) {
  TRY(status, session.host.files.status(paths::kNodeJson));
  if (!status) {
    return make_error(Errc::not_found, "this host is not an orama node, so it has no mesh",
                      "sudo orama install --vps-ip auto --domain node1.example.com");
  }
  return {};
}

Result<Report> show(Session& session) {
  installers::HostMeshDevice device;
  TRY(view, installers::read_mesh(session.host, device));
  Report report;
  report.text = mesh_text(view, session.host.clock.wall_now());
  report.data = mesh_json(view);
  if (!view.interface.up) {
    report.exit = ExitCode::pending;
    report.text += "Next: sudo orama mesh up\n";
  }
  return report;
}

}  // namespace

Result<Report> run_mesh_show(Session& session, const Arguments&) {
  TRY_VOID(require_node(session));
  return show(session);
}

Result<Report> run_mesh_up(Session& session, const Arguments&) {
  TRY_VOID(require_node(session));
  session.output.live("starting the agent …");
  TRY_VOID(installers::mesh_up(session.host));
  return show(session);
}

Result<Report> run_mesh_down(Session& session, const Arguments&) {
  TRY_VOID(require_node(session));
  TRY_VOID(installers::mesh_down(session.host));
  Report report;
  report.data = {{"interface", paths::kMeshInterface}, {"up", false}};
  report.text = std::string(paths::kMeshInterface) +
                " is down: this node reaches neither its registry nor other nodes.\n"
                "Up again: sudo orama mesh up, or a boot.\n";
  return report;
}

}  // namespace orama::cli
