// The pause between two rounds of a background loop, which any thread may cut short. One loop waits
// at a time.
#pragma once

#include <chrono>
#include <memory>

#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {

class Pause {
 public:
  explicit Pause(asio::io_context& context);
  ~Pause();
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

  // On the thread of the context.
  Awaitable<void> wait(std::chrono::milliseconds duration);
  // From any thread. What comes while nobody waits makes the next wait none.
  void cut();

 private:
  struct State;
  asio::io_context& context_;
  std::shared_ptr<State> state_;
};

}  // namespace orama::gateway::backends
