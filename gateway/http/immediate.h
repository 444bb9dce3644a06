// Handlers that answer from memory and await nothing, made into the coroutine that a route wants.
#pragma once

#include <functional>
#include <utility>

#include "gateway/http/route.h"

namespace orama::gateway::http {

inline Awaitable<HandlerResult> answered(HandlerResult result) {
  co_return result;
}

inline Handler immediate(std::function<HandlerResult(Request&)> answer) {
  return [answer = std::move(answer)](Request& request) { return answered(answer(request)); };
}

}  // namespace orama::gateway::http
