// The coroutine type of the gateway: on a typed executor, which lets Asio inline it (stack.md 3).
// `spawn` is the only way to start one unattended: what ends badly is logged and counted, never
// lost.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "common/log.h"

namespace orama::gateway {

namespace asio = boost::asio;

template <class T>
using Awaitable = asio::awaitable<T, asio::io_context::executor_type>;

// Runs `task` on `context` until it ends. An exception that leaves it is logged under `name` as an
// error.
void spawn(asio::io_context& context, std::string name, Awaitable<void> task, const Log& log);

}  // namespace orama::gateway
