#include "gateway/http/workers.h"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <memory>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "common/log.h"

namespace orama::gateway::http {

Workers::Workers(std::size_t count, const Log& log) : log_(log.named("workers")) {
  if (count == 0) {
    count = std::max(1U, std::thread::hardware_concurrency());
  }
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>());
  }
}

Workers::~Workers() {
  stop();
}

void Workers::start() {
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->thread = std::thread([&context = worker->context, &log = log_] { run(context, log); });
  }
}

// A completion handler that throws is a defect; the other connections of the thread go on.
void Workers::run(boost::asio::io_context& context, const Log& log) {
  pthread_setname_np(pthread_self(), "gateway-worker");
  while (true) {
    try {
      context.run();
      return;
    } catch (const std::exception& e) {
      log.error("a handler ended by an exception", {{"exception", e.what()}});
    }
  }
}

void Workers::stop() {
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->work.reset();
    worker->context.stop();
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    if (worker->thread.joinable()) {
      worker->thread.join();
    }
  }
}

}  // namespace orama::gateway::http
