#include "gateway/links/outbox.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace orama::gateway::links {

Outbox::Put Outbox::put(std::string frame, const std::string& latest, std::size_t on_the_way) {
  const auto older =
      latest.empty()
          ? waiting_.end()
          : std::find_if(waiting_.begin(), waiting_.end(),
                         [&latest](const Waiting& waiting) { return waiting.latest == latest; });
  const std::size_t freed = older == waiting_.end() ? 0 : older->frame.size();
  if (bytes_ - freed + on_the_way + frame.size() > limit_) {
    return Put::full;
  }
  bytes_ += frame.size() - freed;
  if (older != waiting_.end()) {
    older->frame = std::move(frame);
    return Put::replaced;
  }
  waiting_.emplace_back(std::move(frame), latest);
  return Put::queued;
}

std::string Outbox::pop() {
  std::string frame = std::move(waiting_.front().frame);
  waiting_.pop_front();
  bytes_ -= frame.size();
  return frame;
}

std::size_t Outbox::clear() {
  const std::size_t count = waiting_.size();
  waiting_.clear();
  bytes_ = 0;
  return count;
}

}  // namespace orama::gateway::links
