// Threads for work that blocks (SQLite, files): a coroutine hands a function over and goes on, on
// its own thread, with what the function returned. Owns its threads; stop() waits for running work.
// Safe from any io thread. Does not limit how much waits in line: callers do.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads) : pool_(threads) {}
  ~BlockingPool() { stop(); }
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // `work` takes nothing and must not throw. Its result type needs only a move constructor.
  template <class F>
  Awaitable<std::invoke_result_t<F>> run(F work);

  void stop() { pool_.join(); }

 private:
  asio::thread_pool pool_;
};

template <class F>
Awaitable<std::invoke_result_t<F>> BlockingPool::run(F work) {
  using Executor = asio::io_context::executor_type;
  Executor executor = co_await asio::this_coro::executor;
  auto answer = std::make_shared<std::optional<std::invoke_result_t<F>>>();
  auto shared_work = std::make_shared<F>(std::move(work));
  auto initiate = [this, executor, answer, shared_work](auto handler) {
    asio::post(pool_, [executor, answer, shared_work, handler = std::move(handler)]() mutable {
      answer->emplace((*shared_work)());
      shared_work.reset();
      asio::post(executor, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      std::move(initiate), asio::use_awaitable_t<Executor>());
  co_return std::move(**answer);
}

}  // namespace orama::gateway::backends
