#include "gateway/cluster/leave.h"

#include <chrono>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/result.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/node_changes.h"
#include "gateway/cluster/pause_for.h"
#include "gateway/cluster/registry_watch.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using namespace std::chrono_literals;

constexpr auto kStep = 100ms;  // between two looks at what others do

}  // namespace

Awaitable<Result<void>> Leave::run() {
  const SteadyTime began = parts_.clock.steady_now();
  CO_TRY_VOID(
      co_await begin_leaving(&parts_.registry, parts_.own_id, to_unix_ms(parts_.clock.wall_now())));
  parts_.log.info("this node leaves its cluster");
  parts_.membership.announce();
  CO_TRY_VOID(co_await hand_over(&parts_.watch, "the registry", began));
  if (parts_.database != nullptr) {
    CO_TRY_VOID(co_await hand_over(parts_.database, "the database default", began));
  }
  co_await drain(began);
  SealedJoinKey none;  // a member that stays makes it
  CO_TRY_VOID(co_await remove_node(&parts_.registry, parts_.own_id, std::move(none),
                                   to_unix_ms(parts_.clock.wall_now())));
  parts_.log.warn("this node has left its cluster");
  parts_.membership.announce();
  co_return Result<void>();
}

// By the engine's own list: what the agent does to a vote shows there.
bool Leave::votes(const RegistryWatch& watch) const {
  const auto state = watch.state();
  return state->leader_id.empty() || state->is_voter(parts_.own_id);
}

Awaitable<Result<void>> Leave::hand_over(RegistryWatch* watch, std::string what, SteadyTime began) {
  while (votes(*watch)) {
    if (parts_.clock.steady_now() - began >= parts_.hand_over_within) {
      co_return make_error(
          Errc::timeout, "this node's vote in " + what + " is not handed over yet; it is leaving",
          "sudo orama leave --yes goes on; journalctl -u orama-agent says why not");
    }
    watch->poke();
    co_await pause_for(kStep);
  }
  co_return Result<void>();
}

Awaitable<void> Leave::drain(SteadyTime began) {
  while (parts_.public_requests && parts_.public_requests() > 0 &&
         parts_.clock.steady_now() - began < parts_.drain_within) {
    co_await pause_for(kStep);
  }
}

}  // namespace orama::gateway::cluster
