// What `orama status` knows before it judges: asked of systemd, files, the gateway and the
// firewall, as far as the caller may. A question that was not put or got no answer stays empty and
// says why; none of them waits for long, and none starts anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/session.h"
#include "common/api/node_file.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/agent/mesh_commands.h"
#include "installers/host/systemd.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_certificates.h"

namespace orama::cli {

struct GatewayFacts {
  enum class Answer { none, health, full } answer = Answer::none;  // full: over the admin socket
  std::string problem;  // why there is no answer, or only health
  std::string health;   // "ok", "degraded", "unhealthy"
  api::Checks checks;
  std::optional<api::AdminStatus> admin;
  std::vector<api::Node> nodes;              // as this node's gateway knows them
  std::vector<std::string> restart_pending;  // units that run an older binary than is installed
};

struct FirewallFacts {
  bool active = false;
  bool pending = false;  // a change that was not proven yet
  int our_rules = 0;
};

struct DiskFacts {
  std::uint64_t free_bytes = 0, total_bytes = 0;
};

struct StatusFacts {
  bool root = false, reads_admin = false;
  WallTime now;
  std::string version;  // of this program
  std::optional<api::NodeFile> node;
  std::string node_problem;                  // node.json is there and cannot be read
  std::vector<installers::UnitState> units;  // in the order of services(), sockets after theirs
  std::string units_problem;
  GatewayFacts gateway;
  std::optional<installers::MeshView> mesh;
  std::string mesh_problem;
  std::optional<DiskFacts> disk;
  std::string registry_version;  // of the installed rqlited, "" unknown

  // root only
  std::optional<installers::Receipt> receipt;
  std::string receipt_problem;
  bool firewall_wanted = true;
  bool acme_wanted = false;
  std::optional<FirewallFacts> firewall;
  std::string firewall_problem;
  std::optional<installers::CertificateState> certificate;
  std::string certificate_problem;
  std::optional<Error> registry_wiped;  // what the registry's guard says
};

StatusFacts gather_status(Session& session);

}  // namespace orama::cli
