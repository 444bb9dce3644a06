// A node whose public address changed (join.md, Membership: a handshake from a new endpoint
// reported by two members): WireGuard follows it on every device that hears from it, and here its
// row does too, so that all learn of it. Looks at the members' reports that this gateway has in
// memory; of many gateways that see the same, one conditional write wins.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/backends/pause.h"
#include "gateway/backends/registry.h"
#include "gateway/cluster/membership.h"
#include "gateway/cluster/node_report.h"
#include "gateway/cluster/peer_reports.h"

namespace orama::gateway::cluster {

// By the id of the member that reports.
using Reports = std::vector<std::pair<std::string, api::Actual>>;

struct MovedEndpoint {
  std::string node_id;
  std::vector<std::string> before, after;  // of the row
};

// Members that two others hear at the same endpoint, at an address that their row does not have,
// while nobody hears them at one of the row. Only handshakes of the last three minutes by the
// reporter's own clock count; what is no public address (join.md, Exchange) never does. The new
// endpoint takes the place of those of its family.
std::vector<MovedEndpoint> moved_endpoints(const MembershipState& state, const Reports& reports,
                                           const mesh::Cidr& mesh_cidr);

// Per node id: addresses at which it is no news to hear it. A host with several may send from
// another than the one that an operator had written down: that is no change of address.
using KnownAddresses = std::map<std::string, std::set<mesh::IpAddress>>;

// What the rows hold; and, for a node that `known` does not have yet, where it is heard now.
void learn_addresses(const MembershipState& state, const Reports& reports, KnownAddresses& known);

// Those of `moved` that go to an address not known before.
std::vector<MovedEndpoint> only_news(std::vector<MovedEndpoint> moved, const KnownAddresses& known);

class EndpointWatch {
 public:
  struct Parts {
    asio::io_context& context;
    backends::Registry& registry;
    Membership& membership;
    const NodeReport& own_report;
    const PeerReports& peers;
    const Clock& clock;
    Log log;
    std::string own_id;
    mesh::Cidr mesh_cidr;
    std::chrono::milliseconds interval{5000};  // the agents report so often
  };
  explicit EndpointWatch(Parts parts) : parts_(std::move(parts)), pause_(parts_.context) {}
  EndpointWatch(const EndpointWatch&) = delete;
  EndpointWatch& operator=(const EndpointWatch&) = delete;

  void start();

 private:
  Awaitable<void> run();
  Awaitable<void> look();
  Reports fresh_reports(const MembershipState& state) const;

  Parts parts_;
  backends::Pause pause_;
  KnownAddresses known_;
};

}  // namespace orama::gateway::cluster
