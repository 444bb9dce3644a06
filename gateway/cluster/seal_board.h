// Requests to this node's agent to seal the cluster's secrets for a node (http-api.md 20, Desired
// `seal` and adminSealed): the gateway never holds them in the clear. A link's handler asks and
// waits; the agent's answer comes in on another thread. Owns nothing else; asks run on one
// io_context, deliver() comes from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/result.h"
#include "gateway/backends/pause.h"

namespace orama::gateway::cluster {

class SealBoard {
 public:
  explicit SealBoard(asio::io_context& context) : context_(context) {}
  SealBoard(const SealBoard&) = delete;
  SealBoard& operator=(const SealBoard&) = delete;

  // Runs when the list of what is to be sealed has changed: desired state must be published.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  std::vector<api::Desired::Seal> wanted() const;

  // The sealed bytes for this node. timeout when the agent gave none; conflict while another ask
  // for the same node waits.
  Awaitable<Result<std::string>> ask(api::Desired::Seal seal, std::chrono::milliseconds within);
  // False: nobody asks for that node.
  bool deliver(const std::string& node_id, std::string sealed);

 private:
  struct Ask {
    api::Desired::Seal seal;
    std::shared_ptr<backends::Pause> pause;
    std::optional<std::string> sealed;
  };

  asio::io_context& context_;
  std::function<void()> changed_;
  mutable std::mutex mutex_;
  std::map<std::string, Ask> asks_;  // by node id
};

}  // namespace orama::gateway::cluster
