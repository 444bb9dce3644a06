#include "gateway/cluster/registry_watch.h"

#include <chrono>
#include <utility>

#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

constexpr int kEagerness = 5;  // looks in an interval while something is missing

}  // namespace

RegistryWatch::RegistryWatch(asio::io_context& context, backends::Registry& registry,
                             const Log& log, std::chrono::milliseconds interval)
    : context_(context),
      registry_(registry),
      log_(log.named("registry")),
      interval_(interval),
      pause_(context) {}

void RegistryWatch::start() {
  spawn(context_, "registry_watch", run(), log_);
}

// One look that finds less than all may be a busy moment, or a kept connection that ended with a
// member's reboot; a removal would be refused for it until the next. So the second one counts.
Awaitable<Result<backends::RegistryState>> RegistryWatch::look() {
  auto state = co_await registry_.state();
  if (!state.ok() || state->voters_up < state->voters) {
    co_return co_await registry_.state();
  }
  co_return state;
}

std::chrono::milliseconds next_look(const backends::RegistryState& state,
                                    std::chrono::milliseconds interval) {
  const bool whole = !state.leader_id.empty() && state.voters_up == state.voters;
  return whole ? interval : interval / kEagerness;
}

Awaitable<void> RegistryWatch::run() {
  for (;;) {
    auto state = co_await look();
    if (state.ok()) {
      state_.set(std::move(state).value());
    } else {
      backends::RegistryState unknown = *state_.get();
      unknown.leader_id.clear();
      unknown.voters_up = 0;
      state_.set(std::move(unknown));
      log_.debug("no state of the registry", {{"reason", state.error().full_message()}});
    }
    co_await pause_.wait(next_look(*state_.get(), interval_));
  }
}

}  // namespace orama::gateway::cluster
