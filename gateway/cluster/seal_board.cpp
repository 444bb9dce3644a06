#include "gateway/cluster/seal_board.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/result.h"
#include "gateway/backends/pause.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {

std::vector<api::Desired::Seal> SealBoard::wanted() const {
  const std::scoped_lock lock(mutex_);
  std::vector<api::Desired::Seal> list;
  for (const auto& [id, ask] : asks_) {
    if (!ask.sealed) {
      list.push_back(ask.seal);
    }
  }
  return list;
}

Awaitable<Result<std::string>> SealBoard::ask(api::Desired::Seal seal,
                                              std::chrono::milliseconds within) {
  const std::string id = seal.id;
  auto pause = std::make_shared<backends::Pause>(context_);
  bool waited_for = false;
  {
    const std::scoped_lock lock(mutex_);
    waited_for = !asks_.try_emplace(id, Ask{std::move(seal), pause, std::nullopt}).second;
  }
  if (waited_for) {
    co_return make_error(Errc::conflict, "the secrets are being sealed for " + id + " already");
  }
  if (changed_) {
    changed_();
  }
  co_await pause->wait(within);
  std::optional<std::string> sealed;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = asks_.find(id);
    sealed = std::move(found->second.sealed);
    asks_.erase(found);
  }
  if (changed_) {
    changed_();
  }
  if (!sealed) {
    co_return make_error(Errc::timeout, "this node's agent did not seal the secrets in time",
                         "systemctl status orama-agent");
  }
  co_return std::move(*sealed);
}

bool SealBoard::deliver(const std::string& node_id, std::string sealed) {
  const std::scoped_lock lock(mutex_);
  const auto found = asks_.find(node_id);
  if (found == asks_.end()) {
    return false;
  }
  found->second.sealed = std::move(sealed);
  found->second.pause->cut();
  return true;
}

}  // namespace orama::gateway::cluster
