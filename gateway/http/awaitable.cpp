#include "gateway/http/awaitable.h"

#include <exception>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "common/log.h"

namespace orama::gateway {

void spawn(asio::io_context& context, std::string name, Awaitable<void> task, const Log& log) {
  auto report = [name = std::move(name), log](const std::exception_ptr& failure) {
    if (!failure) {
      return;
    }
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log.error("background task ended by an exception", {{"task", name}, {"exception", e.what()}});
    } catch (...) {
      log.error("background task ended by an unknown exception", {{"task", name}});
    }
  };
  asio::co_spawn(context, std::move(task), std::move(report));
}

}  // namespace orama::gateway
