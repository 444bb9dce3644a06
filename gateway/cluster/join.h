// The gateway's half of a join (join.md, Exchange): opens the sealed request, redeems the
// invitation, waits until this node's own agent has the new peer, and seals the answer. And the
// sweep that releases who never confirmed. Runs on any io_context; holds references that outlive
// it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/crypto/keys.h"
#include "common/crypto/random.h"
#include "common/join/exchange.h"
#include "common/join/messages.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/desired_board.h"
#include "gateway/cluster/join_key.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/redemption.h"

namespace orama::gateway::cluster {

// A sealed answer's body, or a refusal that anybody may read.
using JoinReply = std::variant<std::string, JoinRefused>;

class Join {
 public:
  struct Parts {
    backends::Registry& registry;
    Membership& membership;
    DesiredBoard& desired;
    NodeReport& report;
    const ClusterView& view;
    const Clock& clock;
    crypto::Random& random;
    Log log;
    const JoinKey& join_key;
  };
  explicit Join(Parts parts) : parts_(std::move(parts)) {}

  // Absent: this node can let nobody in.
  std::optional<crypto::KeyPair> join_key() const { return parts_.join_key.current(); }

  // `observed`: the caller's address. An error: nothing could be asked; the same call again may do.
  Awaitable<Result<JoinReply>> answer(nlohmann::json body, std::string observed);

 private:
  Awaitable<Result<join::Answer>> decide(const join::OpenedRequest& opened, std::string observed);
  Awaitable<Result<join::Answer>> granted(const Redeemed& node, std::string observed);
  Awaitable<void> settle(std::string node_id);
  Awaitable<std::optional<join::Heard>> heard(std::string node_id);
  join::Answer refusal(const JoinRefused& refused) const;

  Parts parts_;
};

// Why a joiner of this version is refused here; absent when it may come: the same major, at most
// one minor apart.
std::optional<JoinRefused> version_skew(const std::string& ours, const std::string& theirs);

// Releases nodes that this gateway itself has seen `redeemed` for so long (its steady clock). Runs
// on one io_context until the process ends.
class JoinSweep {
 public:
  JoinSweep(asio::io_context& context, backends::Registry& registry, Membership& membership,
            const Clock& clock, const Log& log, std::chrono::milliseconds confirm_within);
  JoinSweep(const JoinSweep&) = delete;
  JoinSweep& operator=(const JoinSweep&) = delete;

  void start();

 private:
  Awaitable<void> run();
  Awaitable<void> look();

  asio::io_context& context_;
  backends::Registry& registry_;
  Membership& membership_;
  const Clock& clock_;
  Log log_;
  std::chrono::milliseconds confirm_within_;
  backends::Pause pause_;
  std::map<std::string, SteadyTime> first_seen_;  // by node id and time of its change
};

}  // namespace orama::gateway::cluster
