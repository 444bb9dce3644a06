#include "gateway/backends/pause.h"

#include <chrono>
#include <memory>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {
namespace {

using Executor = asio::io_context::executor_type;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());

}  // namespace

struct Pause::State {
  explicit State(asio::io_context& context) : timer(context) {}
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer;
  bool cut = false;
};

Pause::Pause(asio::io_context& context)
    : context_(context), state_(std::make_shared<State>(context)) {}
Pause::~Pause() = default;

Awaitable<void> Pause::wait(std::chrono::milliseconds duration) {
  const std::shared_ptr<State> state = state_;
  if (!std::exchange(state->cut, false)) {
    state->timer.expires_after(duration);
    co_await state->timer.async_wait(kAwait);  // an error is the cut
    state->cut = false;
  }
}

void Pause::cut() {
  asio::post(context_, [state = state_] {
    state->cut = true;
    state->timer.cancel();
  });
}

}  // namespace orama::gateway::backends
