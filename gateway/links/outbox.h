// The messages that wait for one peer, in order, up to a number of bytes. One thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

namespace orama::gateway::links {

class Outbox {
 public:
  enum class Put { queued, replaced, full };
  explicit Outbox(std::size_t limit) : limit_(limit) {}

  // `latest`: a name of which only the newest is worth sending, or "". It takes the place of the
  // one that waits. `on_the_way`: bytes that left here and were not taken by the peer; they count
  // too. What is full changes nothing.
  Put put(std::string frame, const std::string& latest, std::size_t on_the_way);
  std::string pop();
  bool empty() const { return waiting_.empty(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t clear();  // how many there were

 private:
  struct Waiting {
    std::string frame, latest;
    Waiting(std::string its_frame, std::string its_latest)
        : frame(std::move(its_frame)), latest(std::move(its_latest)) {}
  };

  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::deque<Waiting> waiting_;
};

}  // namespace orama::gateway::links
