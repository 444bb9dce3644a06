// The orama_backend_* families of one backend. References are taken once, at construction.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

class BackendMetrics {
 public:
  enum class Result : std::uint8_t { ok, error, timeout };

  // `backend` is a name of http-api.md 9.1 ("registry"). Registers requests and durations; whether
  // it is up is a gauge of the health checks.
  BackendMetrics(Metrics& metrics, std::string_view backend);
  void observe(Result result, std::chrono::nanoseconds duration);

 private:
  Counter& ok_;
  Counter& error_;
  Counter& timeout_;
  Histogram& duration_;
};

}  // namespace orama::gateway::metrics
