#include "gateway/cluster/pause_for.h"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using Executor = asio::io_context::executor_type;
using SteadyTimer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace

Awaitable<void> pause_for(std::chrono::milliseconds duration) {
  const Executor executor = co_await asio::this_coro::executor;
  SteadyTimer timer(executor);
  timer.expires_after(duration);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
}

}  // namespace orama::gateway::cluster
