// The inside of Server: what the threads own. A WorkerLane is touched by its own thread only; the
// counters are shared. Coroutines hold a shared_ptr, so that one which outlives the Server finds
// it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "common/log.h"
#include "gateway/http/awaitable.h"
#include "gateway/http/connection.h"
#include "gateway/http/exchange.h"
#include "gateway/http/peer.h"
#include "gateway/http/response_writer.h"
#include "gateway/http/server.h"
#include "gateway/http/service.h"
#include "gateway/http/workers.h"

namespace orama::gateway::http {

using Listener = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

class ServerState : public std::enable_shared_from_this<ServerState> {
 public:
  ServerState(ServerOptions options, Workers& workers, Service& service, const Log& log);

  // Before the workers run, or from anywhere: the work itself happens on the worker.
  void accept_on(const ListeningSocket& socket, std::size_t worker);
  void start_ticks();

  std::size_t connections() const { return open_.load(std::memory_order_relaxed); }
  std::size_t worker_count() const { return lanes_.size(); }
  // Steps of a drain, each posted to every thread.
  enum class Step { drain, cut, abort };
  void post(Step step);
  bool wait_until_empty(std::chrono::milliseconds within);
  // When the threads have stopped: lets go of what lies on the contexts, while these are still
  // there.
  void release();

 private:
  struct Lane {
    Lane(asio::io_context& its_context, std::size_t its_index)
        : context(its_context), index(its_index) {}
    asio::io_context& context;
    std::size_t index;
    bool draining = false;
    std::vector<std::shared_ptr<Listener>> listeners;
    std::vector<std::shared_ptr<Connection>> connections;
    DateCache date;
  };

  // Coroutines: `self` keeps the state, and with it the lane, alive.
  static Awaitable<void> accept_loop(std::shared_ptr<ServerState> self, Lane& lane,
                                     std::shared_ptr<Listener> listener);
  static Awaitable<void> tick_loop(std::shared_ptr<ServerState> self, Lane& lane);
  enum class Accepted { connection, queue_empty, out_of_descriptors };
  Accepted accept_one(Lane& lane, int listener);
  void launch(Lane& lane, int descriptor);
  void ended(Lane& lane, const Connection& connection, const std::exception_ptr& failure);
  void run_step(Lane& lane, Step step);

  ServerOptions options_;
  Service& service_;
  Log log_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::size_t> open_{0};
  std::mutex mutex_;  // of the two below
  std::condition_variable changed_;
  std::size_t lanes_draining_ = 0;
};

}  // namespace orama::gateway::http
