// What goes over the links between members (join.md; architecture.md 14): who is linked follows the
// membership, hints make changes known at once, each node's report reaches the others, and a joiner
// fetches secrets, confirms or releases. All on one io_context; holds references that outlive it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/link/identity.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/cluster_view.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/peer_reports.h"
#include "gateway/cluster/redemption.h"
#include "gateway/cluster/seal_board.h"
#include "gateway/links/links.h"

namespace orama::gateway::cluster {

class MemberLinks {
 public:
  struct Parts {
    asio::io_context& context;
    backends::Registry& registry;
    Membership& membership;
    SealBoard& seals;
    PeerReports& peers;
    const OwnNode& own;
    const Clock& clock;
    crypto::Random& random;
    Log log;
  };
  MemberLinks(Parts parts, link::LinkIdentity identity);
  MemberLinks(const MemberLinks&) = delete;
  MemberLinks& operator=(const MemberLinks&) = delete;

  Result<void> listen(const std::vector<int>& sockets) { return links_.listen(sockets); }
  // The membership was loaded anew. On the context.
  void membership_changed();
  // This node's agent has reported: the others are told. From any thread.
  void tell_report(const api::Actual& actual);
  // This node has changed the registry: the others look at once. From any thread.
  void hint();
  // On the context, or when that does not run.
  void stop() { links_.stop(); }

 private:
  nlohmann::json hello() const;
  Awaitable<bool> is_known(std::string key);
  void received(const std::string& id, const nlohmann::json& message);
  Awaitable<links::Reply> secrets(links::Caller caller);
  Awaitable<links::Reply> confirm(links::Caller caller);
  Awaitable<links::Reply> release(links::Caller caller);
  Awaitable<Result<NodeClaim>> claim_of(const links::Caller& caller);

  Parts parts_;
  links::Links links_;
};

}  // namespace orama::gateway::cluster
