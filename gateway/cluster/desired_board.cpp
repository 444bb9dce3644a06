#include "gateway/cluster/desired_board.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "common/api/desired.h"
#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/cluster/membership.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using Executor = asio::io_context::executor_type;
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());

constexpr mode_t kFileMode = 0640;
constexpr std::size_t kMaxFileBytes = 4UL * 1024 * 1024;
constexpr int kRaftPort = 7001;

Result<api::Desired> read_saved(const std::string& path) {
  TRY(text, read_file(path, kMaxFileBytes));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  return api::Desired::from_json(json);
}

api::Desired::Peer peer_of(const NodeRow& node) {
  api::Desired::Peer peer;
  peer.id = node.id;
  peer.name = node.name;
  peer.mesh_ip = node.mesh_ip;
  peer.wg_public_key = node.wg_public_key;
  peer.endpoints = node.endpoints;
  return peer;
}

// Of a node that has not confirmed yet too: its engines are members before it is.
void add_engine_peers(const NodeRow& node, api::Desired& desired) {
  if (!node.ipfs_peer.empty()) {
    desired.ipfs_peers.emplace(node.id, node.ipfs_peer);
  }
  if (!node.ipfs_cluster_peer.empty()) {
    desired.ipfs_cluster_peers.emplace(node.id, node.ipfs_cluster_peer);
  }
}

}  // namespace

std::optional<api::Desired> derive_desired(const MembershipState& state,
                                           const std::string& node_id) {
  const NodeRow* self = state.find(node_id);
  if (!state.cluster || self == nullptr) {
    return std::nullopt;
  }
  api::Desired desired;
  desired.version = state.version;
  desired.mesh_cidr = state.cluster->mesh_cidr.to_string();
  desired.self.id = self->id;
  desired.self.name = self->name;
  desired.self.mesh_ip = self->mesh_ip;
  desired.self.voter = self->voter;
  desired.self.state = self->state;
  for (const NodeRow& node : state.nodes) {
    if (node.id == node_id) {
      continue;
    }
    if (node.is_member()) {
      desired.peers.push_back(peer_of(node));
      add_engine_peers(node, desired);
      if (node.state == "ready") {
        desired.rqlite_join.push_back(node.mesh_ip + ":" + std::to_string(kRaftPort));
      }
    } else if (node.state == "removed" || node.state == "released") {
      // A released one too: its address may be another's one day.
      api::Desired::Removed removed;
      removed.id = node.id;
      removed.wg_public_key = node.wg_public_key;
      desired.removed.push_back(std::move(removed));
    }
  }
  return desired;
}

struct DesiredBoard::Waiter {
  explicit Waiter(const Executor& its_executor) : executor(its_executor), timer(its_executor) {}
  Executor executor;
  SteadyTimer timer;
};

DesiredBoard::DesiredBoard(std::string path, const Log& log) : path_(std::move(path)) {
  auto saved = read_saved(path_);
  if (saved.ok()) {
    desired_ = std::move(saved).value();
  } else if (saved.error().code != Errc::not_found) {
    log.error("the saved desired state is not usable", saved.error(), {{"file", path_}});
  }
}

std::optional<api::Desired> DesiredBoard::current() const {
  const std::scoped_lock lock(mutex_);
  return desired_;
}

bool DesiredBoard::publish(api::Desired desired) {
  {
    const std::scoped_lock lock(mutex_);
    if (desired_) {
      // Its own count, so that what is no change of the membership (`seal`) has a version too.
      const std::int64_t derived = desired.version;
      desired.version = desired_->version;
      if (derived <= desired_->version && desired_->to_json() == desired.to_json()) {
        return false;
      }
      desired.version = std::max(desired_->version + 1, derived);
    }
    desired_ = std::move(desired);
  }
  wake();
  return true;
}

Result<void> DesiredBoard::save() const {
  const std::optional<api::Desired> desired = current();
  if (!desired) {
    return {};
  }
  FileAttributes attributes;
  attributes.mode = kFileMode;
  return write_file_atomically(path_, desired->to_json().dump(2) + "\n", attributes)
      .while_doing("saving the desired state");
}

void DesiredBoard::wake() {
  std::vector<std::weak_ptr<Waiter>> waiters;
  {
    const std::scoped_lock lock(mutex_);
    waiters.swap(waiters_);
  }
  for (const auto& weak : waiters) {
    if (auto waiter = weak.lock()) {
      // Handed over, not shared: the last reference must go on the waiter's own thread, whose
      // context the timer belongs to.
      const Executor executor = waiter->executor;
      asio::post(executor, [handed = std::move(waiter)] { handed->timer.cancel(); });
    }
  }
}

void DesiredBoard::close() {
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  wake();
}

Awaitable<std::optional<api::Desired>> DesiredBoard::wait_above(std::int64_t since,
                                                                std::chrono::milliseconds hold) {
  const Executor executor = co_await asio::this_coro::executor;
  const SteadyTime until = std::chrono::steady_clock::now() + hold;
  auto waiter = std::make_shared<Waiter>(executor);
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      if (desired_ && desired_->version > since) {
        co_return desired_;
      }
      if (closed_ || std::chrono::steady_clock::now() >= until) {
        co_return std::nullopt;
      }
      waiters_.push_back(waiter);  // before the wait: what is published from here on wakes it
    }
    waiter->timer.expires_at(until);
    co_await waiter->timer.async_wait(kAwait);
  }
}

}  // namespace orama::gateway::cluster
