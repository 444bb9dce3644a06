#include "cli/dev/dev_cluster.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/dev/dev_engines.h"
#include "cli/dev/dev_health.h"
#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_node.h"
#include "cli/dev/dev_ports.h"
#include "cli/dev/dev_report.h"
#include "cli/dev/dev_supervisor.h"
#include "cli/session.h"
#include "common/result.h"
#include "installers/dev/dev_host.h"
#include "installers/dev/dev_plan.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kWholeWithin{300}, kEmbeddedWithin{15};
constexpr std::size_t kUsualNodes = 5;

// A unit of the embedded gateway: it has no static one, as no host runs it.
constexpr const char* kEmbeddedUnit =
    "[Service]\n"
    "Type=notify\n"
    "ExecStart=/usr/lib/orama/orama-gateway --dev --port 6001 --data /var/lib/orama/gateway\n"
    "Restart=always\n"
    "RestartSec=100ms\n"
    "TimeoutStopSec=15s\n"
    "StateDirectory=orama/gateway\n"
    "StateDirectoryMode=0700\n"
    "UMask=0077\n";

Result<void> make_folder(const std::string& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  fs::permissions(folder, fs::perms::owner_all, failure);
  return failure
             ? Result<void>(make_error(Errc::failed, "making " + folder + ": " + failure.message()))
             : Result<void>();
}

// Names of the nodes of which something runs.
Result<std::vector<std::string>> running_nodes(const DevLayout& layout) {
  TRY(nodes, list_units(layout));
  std::vector<std::string> names;
  for (const DevNodeUnits& node : nodes) {
    if (node.off || node.processes() > 0) {
      names.push_back(node.name);
    }
  }
  return names;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> ensure_supervisor(Session& session, const DevLayout& layout,
                               const std::vector<DevAddress>& addresses) {
  TRY_VOID(make_folder(layout.folder));
  TRY(runs, supervisor_runs(layout));
  if (runs) {
    return {};
  }
  TRY_VOID(check_ports_free(addresses));
  return start_supervisor(session, layout);
}

Result<void> refuse_other_kind(const std::vector<std::string>& running, bool embedded) {
  const bool other = std::any_of(running.begin(), running.end(), [embedded](const auto& name) {
    return (name == kEmbeddedNode) != embedded;
  });
  if (!other) {
    return {};
  }
  return make_error(Errc::conflict,
                    embedded ? "the development cluster runs; the embedded gateway has its ports"
                             : "the embedded gateway runs; the development cluster has its ports",
                    "orama dev down; then type the same command again");
}

Result<std::size_t> wanted_nodes(const DevLayout& layout, const DevWish& wish) {
  const std::size_t there = layout.nodes_on_disk();
  const std::size_t nodes = wish.nodes != 0 ? wish.nodes : there != 0 ? there : kUsualNodes;
  if (nodes < there) {
    return make_error(Errc::conflict,
                      "the development cluster has " + std::to_string(there) + " nodes, and " +
                          std::to_string(nodes) + " of them may be too few to agree on anything",
                      "orama dev up, or begin anew with fewer: orama dev down --purge");
  }
  return nodes;
}

// What a killed run left unfinished comes first: a finished node waits for the engines of every
// node that the cluster knows. True when there was something to do.
Result<bool> apply_nodes(Session& session, const DevLayout& layout, std::size_t count) {
  std::vector<std::size_t> finished;
  bool changed = false;
  for (std::size_t number = 1; number <= count; ++number) {
    TRY(is_done, is_finished(session, layout, number));
    if (is_done) {
      finished.push_back(number);
      continue;
    }
    TRY_VOID(apply_dev_node(session, layout, number));
    changed = true;
  }
  for (const std::size_t number : finished) {
    TRY(was_changed, apply_dev_node(session, layout, number));
    changed |= was_changed;
  }
  return changed;
}

}  // namespace

Result<DevOutcome> embedded_up(Session& session, DevLayout& layout) {
  TRY_VOID(ensure_supervisor(session, layout, embedded_addresses()));
  TRY(running, running_nodes(layout));
  TRY_VOID(refuse_other_kind(running, true));
  if (holds(running, kEmbeddedNode)) {
    TRY_VOID(wait_for_embedded(session, kEmbeddedWithin));
    return DevOutcome::was_up;
  }
  installers::DevHost node(session.host, layout.node(kEmbeddedNode));
  TRY_VOID(make_folder(node.root().path("/etc/systemd/system")));
  const std::string unit = std::string("/etc/systemd/system/") + installers::paths::kGatewayUnit;
  TRY_VOID(node.host().files.write(unit, kEmbeddedUnit, {0644, "root", "root"}));
  TRY_VOID(node.host().systemd.start(installers::paths::kGatewayUnit));
  TRY_VOID(node.host().systemd.enable(installers::paths::kGatewayUnit));
  TRY_VOID(node.host().systemd.enable(installers::paths::kTarget));
  TRY_VOID(wait_for_embedded(session, kEmbeddedWithin));
  return DevOutcome::started;
}

Result<DevOutcome> cluster_up(Session& session, DevLayout& layout, const DevWish& wish,
                              std::size_t& nodes) {
  TRY(count, wanted_nodes(layout, wish));
  nodes = count;
  TRY(addresses, dev_addresses(count));
  TRY(runs, supervisor_runs(layout));
  if (!runs) {
    TRY_VOID(find_engines(session, wish.engines, layout));
  }
  TRY_VOID(ensure_supervisor(session, layout, addresses));
  TRY(running, running_nodes(layout));
  TRY_VOID(refuse_other_kind(running, false));
  bool started = false;
  const std::size_t there = layout.nodes_on_disk();
  // As after a reboot, all at once: a registry of five waits for three of them.
  for (std::size_t number = 1; number <= count; ++number) {
    const std::string name = dev_node_name(number);
    if (number <= there && !holds(running, name)) {
      TRY_VOID(dev_supervisor(layout).ask({"boot", name, {}, 0}));
    }
    started |= !holds(running, name);
  }
  TRY(changed, apply_nodes(session, layout, count));
  started |= changed;
  TRY_VOID(wait_until_whole(session, layout, count, kWholeWithin));
  return started ? DevOutcome::started : DevOutcome::was_up;
}

Result<std::vector<DevNodeRow>> look_at_cluster(Session& session, const DevLayout& layout) {
  TRY(listed, list_units(layout));
  std::vector<DevNodeRow> rows;
  std::size_t count = 0;
  for (const DevNodeUnits& node : listed) {
    count += node.name == kEmbeddedNode ? 0 : 1;
  }
  for (DevNodeUnits& node : listed) {
    DevNodeRow row;
    row.name = node.name;
    row.memory = memory_of(node);
    const std::size_t number =
        node.name == kEmbeddedNode ? 1 : static_cast<std::size_t>(node.name.back() - '0');
    row.gateway_url = "http://" + installers::dev_local_listen(number);
    if (node.name == kEmbeddedNode) {
      row.mesh_ip = "-";
      row.health = look_at_embedded(session);
    } else {
      TRY(spec, installers::dev_node_spec(number));
      row.mesh_ip = spec.mesh_ip.to_string();
      row.health = look_at_node(session, layout, number, count);
    }
    row.units = std::move(node);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace orama::cli
