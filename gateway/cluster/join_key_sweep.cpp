#include "gateway/cluster/join_key_sweep.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/crypto/keys.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/membership.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {

void JoinKeySweep::start() {
  spawn(parts_.context, "join_key_sweep", run(), parts_.log);
}

Awaitable<void> JoinKeySweep::run() {
  for (;;) {
    co_await look();
    co_await pause_.wait(parts_.interval);
  }
}

JoinKeySweep::Lack JoinKeySweep::lack(const MembershipState& state) const {
  const NodeRow* self = state.find(parts_.own_id);
  if (!state.join_key || self == nullptr || self->state != "ready") {
    return Lack::none;
  }
  if (state.join_key->empty()) {
    return Lack::key;
  }
  return parts_.join_key.current() && !without_copy(state).empty() ? Lack::copies : Lack::none;
}

// By their ids, so that not all write the same at once; whoever is down loses its turn.
bool JoinKeySweep::is_our_turn(const MembershipState& state) {
  const SteadyTime now = parts_.clock.steady_now();
  if (!since_) {
    since_ = now;
  }
  int before = 0;
  for (const NodeRow& node : state.nodes) {
    before += node.state == "ready" && node.id < parts_.own_id ? 1 : 0;
  }
  return now - *since_ >= before * parts_.turn;
}

Awaitable<void> JoinKeySweep::look() {
  const auto state = parts_.membership.state();
  const Lack what = lack(*state);
  if (what == Lack::none || !parts_.membership.touch()->in_touch) {
    since_.reset();
    co_return;
  }
  if (!is_our_turn(*state)) {
    co_return;
  }
  const auto mended = co_await mend(what);
  if (!mended.ok()) {
    parts_.log.warn("the cluster's join key was not put in order",
                    {{"reason", mended.error().full_message()}});
    co_return;
  }
  parts_.log.info(what == Lack::key ? "the cluster has a new join key"
                                    : "members were given the cluster's join key");
  parts_.membership.announce();
}

Awaitable<Result<void>> JoinKeySweep::mend(Lack lack) {
  const auto state = parts_.membership.state();
  const std::int64_t now_ms = to_unix_ms(parts_.clock.wall_now());
  if (lack == Lack::key) {
    const crypto::KeyPair made = crypto::make_x25519(parts_.random);
    SealedJoinKey sealed = seal_join_key(made, *state, "", parts_.log);
    co_return co_await replace_join_key(&parts_.registry, std::move(sealed), now_ms);
  }
  const auto present = parts_.join_key.current();
  if (!present) {
    co_return Result<void>();  // another change came in between
  }
  SealedJoinKey sealed = seal_join_key(*present, *state, "", parts_.log);
  co_return co_await add_copies(&parts_.registry, std::move(sealed), now_ms);
}

}  // namespace orama::gateway::cluster
