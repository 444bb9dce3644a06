// Runs one coroutine of the gateway to its end on an io_context, from a test that is no coroutine.
#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/result.h"
#include "gateway/http/awaitable.h"

namespace orama::tests {

template <class T>
gateway::Awaitable<void> keep_result(gateway::Awaitable<T> task,
                                     std::shared_ptr<std::optional<T>> out) {
  T result = co_await std::move(task);
  out->emplace(std::move(result));
}

// What the coroutine returned. One that does not end within `limit` is a failed test: the process
// ends.
template <class T>
T run(boost::asio::io_context& context, gateway::Awaitable<T> task,
      std::chrono::seconds limit = std::chrono::seconds(20)) {
  auto out = std::make_shared<std::optional<T>>();
  std::exception_ptr thrown;
  bool ended = false;
  boost::asio::co_spawn(context, keep_result(std::move(task), out),
                        [&thrown, &ended](std::exception_ptr exception) {
                          thrown = std::move(exception);
                          ended = true;
                        });
  const auto until = std::chrono::steady_clock::now() + limit;
  context.restart();
  // A pool's thread may be at work for it while the context has nothing to do.
  auto work = boost::asio::make_work_guard(context);
  while (!ended && std::chrono::steady_clock::now() < until) {
    context.run_one_for(std::chrono::milliseconds(50));
  }
  ORAMA_ASSERT(ended);
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  return std::move(**out);
}

}  // namespace orama::tests
