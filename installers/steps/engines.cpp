#include "installers/steps/engines.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/result.h"
#include "common/text_template.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/engines/engine_node.h"
#include "installers/host/host.h"
#include "installers/host/memory.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/rqlite_engine.h"
#include "installers/step.h"
#include "installers/steps/engine_members.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/rqlite_changes.h"

namespace orama::installers {
namespace {

// Shares of the host's memory in parts of 1,000, with what each needs at least, in MiB: measured on
// a host of 1 GiB (engines-storage.md 5). The soft limit is Go's, the hard one the kernel's.
struct MemoryShare {
  const char* unit;
  std::uint64_t soft, soft_least, soft_most;
  std::uint64_t hard, hard_least;
};
constexpr std::array<MemoryShare, 4> kShares = {{
    {paths::kDatabaseUnit, 150, 128, 4096, 400, 256},
    {paths::kOlricUnit, 95, 96, 4096, 250, 192},
    {paths::kIpfsUnit, 125, 128, 2048, 300, 256},
    {paths::kIpfsClusterUnit, 63, 64, 512, 200, 160},
}};

constexpr std::uint64_t kPerMille = 1000, kKibPerMib = 1024;

std::string drop_in_folder(const MemoryShare& share) {
  return std::string("/etc/systemd/system/") + share.unit + ".d";
}

Result<void> add_host_limits(Host& host, const NodeSpec& spec, const NodeSources& sources,
                             Changes& changes) {
  TRY(text, host.files.read(sources.share + "/templates/engines/host.conf"));
  TRY(memory_kib, total_memory_kib(host.files));
  const std::uint64_t memory = memory_kib / kKibPerMib;
  for (const MemoryShare& share : kShares) {
    const auto soft =
        std::clamp(memory * share.soft / kPerMille, share.soft_least, share.soft_most);
    const auto hard = std::max(memory * share.hard / kPerMille, share.hard_least);
    TRY(filled, fill_template(text,
                              {{"soft_limit", std::to_string(soft)},
                               {"hard_limit", std::to_string(hard)},
                               {"mesh_cidr", spec.mesh_cidr.to_string()}},
                              TemplateFormat::systemd));
    changes.push_back(directory(drop_in_folder(share), {0755, "root", "root"}));
    changes.push_back(
        file({drop_in_folder(share) + "/host.conf", filled, {0644, "root", "root"}, {share.unit}}));
  }
  return {};
}

// What the members' engines are called is known to the agent once its own gateway has told it.
std::unique_ptr<Change> members_are_known() {
  return wait_until({"this node knows its cluster's engines",
                     [](Host& host) -> Result<bool> {
                       TRY(node, read_engine_node(host.files));
                       return node.desired.version > 0;
                     },
                     std::chrono::seconds(30), "journalctl -u orama-agent -u orama-gateway"});
}

}  // namespace

Step engines_step(const NodeSpec& spec, const NodeSources& sources) {
  Step step{"engines", "database, cache and storage", {}, nullptr};
  step.changes = [spec, sources](Host& host) -> Result<Changes> {
    TRY_VOID(rqlite_data_is_there(host, kDefaultDatabase));
    Changes changes;
    TRY_VOID(add_host_limits(host, spec, sources, changes));
    if (spec.joins()) {
      changes.push_back(engine_ids(spec));
      changes.push_back(members_are_known());
      changes.push_back(rqlite_join(kDefaultDatabase, spec.node_id));
    }
    for (const MemoryShare& share : kShares) {
      changes.push_back(unit({share.unit, UnitSpec::Enable::yes}));
    }
    changes.push_back(rqlite_answers(kDefaultDatabase, spec.mesh_ip.to_string()));
    changes.push_back(engines_are_members(sources));
    return changes;
  };
  return step;
}

}  // namespace orama::installers
