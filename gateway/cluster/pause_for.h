// A short rest of a coroutine that waits for what other threads do.
#pragma once

#include <chrono>

#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {

// On the caller's executor; ends early when the coroutine is cancelled.
Awaitable<void> pause_for(std::chrono::milliseconds duration);

}  // namespace orama::gateway::cluster
