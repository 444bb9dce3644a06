// The gateway's threads: one io_context each, one thread per context. Contexts exist from
// construction, so that services can be built on them; threads run between start() and stop().
// Nothing of ours is shared between them but read-mostly snapshots and counters (architecture.md,
// decision 6).
//
// stop() is called before the services that coroutines refer to are destroyed. What is suspended by
// then never runs again; its frames go with the contexts.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "common/log.h"

namespace orama::gateway::http {

class Workers {
 public:
  Workers(std::size_t count, const Log& log);  // 0: one per core
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t count() const { return workers_.size(); }
  boost::asio::io_context& context(std::size_t worker) { return workers_[worker]->context; }

  void start();
  void stop();  // idempotent; not from a worker

 private:
  struct Worker {
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        context.get_executor()};
    std::thread thread;
  };
  static void run(boost::asio::io_context& context, const Log& log);

  Log log_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace orama::gateway::http
