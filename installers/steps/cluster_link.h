// How the installer speaks with members over the mesh (port 6002, architecture.md 14): the seam
// behind which tests put a cluster of their own. What goes over it is only sent to a member that
// has proven the key that the cluster's sealed answer names.
#pragma once

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/join/messages.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

struct LinkAnswer {
  int status = 0;
  nlohmann::json body;  // null when the answer was no JSON
};

class ClusterLink {
 public:
  virtual ~ClusterLink() = default;
  // A TCP connection to the member's link port, closed again.
  virtual Result<void> reach(const join::Peer& peer, std::chrono::milliseconds timeout) = 0;
  // One call. Any status is a value.
  virtual Result<LinkAnswer> call(const join::Peer& peer, const std::string& path,
                                  const nlohmann::json& body) = 0;
};

struct LinkQuestion {
  std::string path;
  nlohmann::json body;
  std::chrono::milliseconds patience{30000};       // 0: each member is asked once
  std::set<int> busy = {503, 504};                 // statuses that mean: later, or elsewhere
  const std::atomic<bool>* interrupted = nullptr;  // may be null
};

// The first answer that is not busy, each member asked in turn, again and again. When patience
// ends: not_allowed when every member refuses this node's key, else unreachable, with what the last
// one gave. The calls of a join may be repeated at another member.
Result<LinkAnswer> ask_cluster(Host& host, ClusterLink& link, const std::vector<join::Peer>& peers,
                               const LinkQuestion& question);

// The members do not know this node (any more): the answer is forgotten, so that the same command
// redeems anew, with the same keys. `found` is what was seen.
Error place_is_gone(Host& host, const std::string& found);

// "409 CONFLICT: its own words" of an answer that was no success.
std::string answer_words(const LinkAnswer& answer);

}  // namespace orama::installers
