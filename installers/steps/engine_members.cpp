#include "installers/steps/engine_members.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/engines/engine_node.h"
#include "installers/engines/membership.h"
#include "installers/engines/olric.h"
#include "installers/host/host.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{40};
constexpr milliseconds kPause{200};

class EnginesAreMembers final : public Change {
 public:
  explicit EnginesAreMembers(NodeSources sources) : sources_(std::move(sources)) {}

  std::string_view kind() const override { return "wait"; }
  std::string target() const override { return "the engines see the members"; }

  Result<bool> converged(ChangeContext& context) override {
    const auto looked = look(context.host);
    return looked.ok() && looked->problem.empty();
  }

  Result<std::string> describe(ChangeContext&) override {
    return std::string("wait until cache, storage and pinning see the members");
  }

  Result<nlohmann::json> prior(ChangeContext&) override { return nlohmann::json(); }
  nlohmann::json wanted() const override { return nullptr; }

  Result<void> apply(ChangeContext& context) override {
    Clock& clock = context.host.clock;
    const SteadyTime deadline = clock.steady_now() + kPatience;
    for (;;) {
      TRY(looked, look(context.host));
      if (looked.problem.empty()) {
        return {};
      }
      if (clock.steady_now() >= deadline) {
        return give_up(looked);
      }
      if (context.interrupted != nullptr && context.interrupted->load()) {
        return make_error(Errc::interrupted, "interrupted while the engines were waited for");
      }
      clock.sleep_for(kPause);
    }
  }

 private:
  struct Look {
    std::string problem;  // "" when all is well
    std::string unit;     // to look at
    bool alone = false;   // an engine does not answer, or sees none of the members
  };

  Result<Look> look(Host& host) const {
    TRY(node, read_engine_node(host.files));
    const Peers peers = reachable_peers(host.http, node.desired);
    const CacheLook cache = sources_.cache ? sources_.cache : olric_look(host.files);
    for (const MemberEngine& engine : member_engines(cache)) {
      const auto unseen = engine.unseen(host, node, peers);
      if (!unseen.ok()) {
        return Look{std::string(engine.name) + ": " + unseen.error().message, engine.unit, true};
      }
      if (!unseen->empty()) {
        return Look{std::string(engine.name) + " does not see " + listed(*unseen), engine.unit,
                    unseen->size() == peers.size()};
      }
    }
    return Look();
  }

  // A broken engine of one member must not keep a host from joining the others.
  Result<void> give_up(const Look& looked) const {
    if (looked.alone) {
      return make_error(
          Errc::timeout,
          "waited " + std::to_string(kPatience.count()) + " s in vain: " + looked.problem,
          "journalctl -u " + looked.unit + "; then type the same command again");
    }
    if (sources_.notice) {
      sources_.notice(looked.problem + "; the install goes on, and the agent goes on trying");
    }
    return {};
  }

  NodeSources sources_;
};

}  // namespace

std::unique_ptr<Change> engines_are_members(const NodeSources& sources) {
  return std::make_unique<EnginesAreMembers>(sources);
}

}  // namespace orama::installers
