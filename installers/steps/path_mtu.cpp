#include "installers/steps/path_mtu.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/json.h"
#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/host/mesh_interface.h"
#include "installers/host/path_mtu.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/redeem.h"

namespace orama::installers {
namespace {

Result<std::vector<api::Desired::Peer>> members(Host& host) {
  TRY(text, host.files.read(paths::kSavedDesired));
  TRY(body, parse_json(text));
  TRY(desired, api::Desired::from_json(body));
  return std::move(desired.peers);
}

class PathMtu final : public Change {
 public:
  explicit PathMtu(NodeSources sources) : sources_(std::move(sources)) {}

  std::string_view kind() const override { return "path-mtu"; }
  std::string target() const override { return paths::kPathMtu; }

  // Measured again in every run until the join is confirmed; after that when the file is gone.
  Result<bool> converged(ChangeContext& context) override {
    TRY(member, is_member(context.host));
    return member && saved_mesh_mtu(context.host.files).has_value();
  }

  Result<std::string> describe(ChangeContext&) override {
    return std::string("measure what the ways to the members carry, for the MTU of ") +
           paths::kMeshInterface;
  }

  Result<nlohmann::json> prior(ChangeContext&) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }  // goes with the agent's folder

  Result<void> apply(ChangeContext& context) override {
    Host& host = context.host;
    TRY(most, mesh_mtu(host.commands));
    TRY(peers, members(host));
    std::optional<int> smallest;
    for (const api::Desired::Peer& peer : peers) {
      const std::optional<std::string> used = sources_.tunnel_endpoint(peer.wg_public_key);
      const auto endpoint =
          used ? std::optional(mesh::Endpoint::parse(*used)) : std::nullopt;  // silent ones: none
      if (!endpoint || !endpoint->ok()) {
        continue;
      }
      TRY(mtu, measure_mesh_mtu(*sources_.prober, (*endpoint)->address, smallest.value_or(most)));
      tell(peer.name, (*endpoint)->address, mtu, most);
      smallest = mtu;
    }
    return smallest ? save_mesh_mtu(host.files, *smallest) : Result<void>();
  }

 private:
  void tell(const std::string& name, const mesh::IpAddress& address, int mtu, int most) const {
    if (mtu < most && sources_.notice) {
      sources_.notice("The way to " + name + " (" + address.to_string() +
                      ") does not carry packets of " +
                      std::to_string(most + wireguard_overhead(address)) +
                      " bytes, or answers no ping: " + paths::kMeshInterface + " gets the MTU " +
                      std::to_string(mtu));
    }
  }

  NodeSources sources_;
};

// Set by the agent, which owns the interface; it looks at the uplink once a minute.
std::unique_ptr<Change> mtu_on_interface() {
  const std::string name = paths::kMeshInterface;
  return wait_until({name + " has the MTU of the ways to the members",
                     [name](Host& host) -> Result<bool> {
                       TRY(state, read_mesh_interface(host.commands, name));
                       TRY(by_uplink, mesh_mtu(host.commands));
                       return state.mtu == smaller_mtu(by_uplink, saved_mesh_mtu(host.files));
                     },
                     std::chrono::seconds(90), "journalctl -u orama-agent"});
}

}  // namespace

Step path_mtu_step(const NodeSources& sources) {
  Step step{"path", "packet size of the private network", {}, nullptr};
  step.changes = [sources](Host&) -> Result<Changes> {
    Changes changes;
    if (sources.prober && sources.tunnel_endpoint) {
      changes.push_back(std::make_unique<PathMtu>(sources));
      changes.push_back(mtu_on_interface());
    }
    return changes;
  };
  return step;
}

}  // namespace orama::installers
