#include "gateway/heartbeat.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

namespace orama::gateway {

Heartbeat::Heartbeat(std::vector<boost::asio::io_context*> contexts)
    : contexts_(std::move(contexts)), answered_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

bool Heartbeat::beat() {
  if (answered_->load() != asked_) {
    return false;  // some thread still owes an answer; asking again would only hide it
  }
  for (boost::asio::io_context* context : contexts_) {
    boost::asio::post(*context, [answered = answered_] { answered->fetch_add(1); });
  }
  asked_ += contexts_.size();
  return true;
}

}  // namespace orama::gateway
