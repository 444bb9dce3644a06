// Looks at each backend every 5 s in the background and remembers what it saw (http-api.md 9.1):
// readers never wait for a backend. One coroutine a probe, all on one io_context. Results are read
// from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/api/status.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "common/snapshot.h"
#include "gateway/backends/pause.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::health {

enum class Counting : std::uint8_t { counted, uncounted };

struct Probe {
  std::string name, engine;
  Counting counting = Counting::counted;
  std::function<Awaitable<Result<void>>()> look;  // empty: disabled by configuration
};

class Probes {
 public:
  Probes(asio::io_context& context, const Clock& clock, std::vector<Probe> probes, const Log& log,
         std::chrono::milliseconds interval = std::chrono::seconds(5));
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  void start();
  void poke();  // all look now, from any thread
  std::shared_ptr<const api::Checks> checks() const { return checks_.get(); }

 private:
  Awaitable<void> run(std::size_t index);
  void record(const Probe& probe, const Result<void>& outcome, std::chrono::nanoseconds took);

  asio::io_context& context_;
  const Clock& clock_;
  std::vector<Probe> probes_;
  std::vector<std::unique_ptr<backends::Pause>> pauses_;
  Log log_;
  std::chrono::milliseconds interval_;
  Snapshot<api::Checks> checks_;  // written on the context's thread only
};

// Errors of a look as the contract names them: refused, timeout, not_ready, error.
std::string probe_reason(Errc code);

}  // namespace orama::gateway::health
