// Mends what the registry lacks of the cluster's join key (join_key.h): a new one after a node left
// by itself, which must not know it, and copies for members that came while it was replaced. One
// member does it at once, the others only where that one does not. Runs on one io_context until the
// process ends.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/membership.h"

namespace orama::gateway::cluster {

class JoinKeySweep {
 public:
  struct Parts {
    asio::io_context& context;
    backends::Registry& registry;
    Membership& membership;
    const JoinKey& join_key;
    const Clock& clock;
    crypto::Random& random;
    Log log;
    std::string own_id;
    std::chrono::milliseconds interval{1000};
    std::chrono::milliseconds turn{2000};  // how long each member leaves it to the one before
  };
  explicit JoinKeySweep(Parts parts) : parts_(std::move(parts)), pause_(parts_.context) {}
  JoinKeySweep(const JoinKeySweep&) = delete;
  JoinKeySweep& operator=(const JoinKeySweep&) = delete;

  void start();
  void poke() { pause_.cut(); }  // the membership changed

 private:
  enum class Lack { none, key, copies };
  Lack lack(const MembershipState& state) const;
  bool is_our_turn(const MembershipState& state);
  Awaitable<void> run();
  Awaitable<void> look();
  Awaitable<Result<void>> mend(Lack lack);

  Parts parts_;
  backends::Pause pause_;
  std::optional<SteadyTime> since_;  // when something was first seen to lack
};

}  // namespace orama::gateway::cluster
