// Ctrl-C, SIGTERM and a lost terminal ask for a stop at the next safe point; nothing is cut off in
// the middle. The one global of the program: a signal handler can reach nothing else.
#pragma once

#include <atomic>

namespace orama::cli {

// Installs the handlers and returns the flag that they set. SIGPIPE is ignored: a closed pipe is a
// failed write, not the end of an install.
const std::atomic<bool>& watch_interrupts();

}  // namespace orama::cli
