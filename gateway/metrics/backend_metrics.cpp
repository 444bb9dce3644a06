#include "gateway/metrics/backend_metrics.h"

#include <chrono>
#include <string>
#include <string_view>

#include "gateway/metrics/instruments.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

namespace {

Counter& requests(Metrics& metrics, std::string_view backend, std::string_view result) {
  return metrics.counter("orama_backend_requests_total", "Calls to a backend, by their result.",
                         {{"backend", std::string(backend)}, {"result", std::string(result)}});
}

}  // namespace

BackendMetrics::BackendMetrics(Metrics& metrics, std::string_view backend)
    : ok_(requests(metrics, backend, "ok")),
      error_(requests(metrics, backend, "error")),
      timeout_(requests(metrics, backend, "timeout")),
      duration_(metrics.histogram("orama_backend_request_duration_seconds",
                                  "How long a backend took to answer or to fail.",
                                  {{"backend", std::string(backend)}})) {}

void BackendMetrics::observe(Result result, std::chrono::nanoseconds duration) {
  switch (result) {
    case Result::ok:
      ok_.add();
      break;
    case Result::error:
      error_.add();
      break;
    case Result::timeout:
      timeout_.add();
      break;
  }
  duration_.observe(duration);
}

}  // namespace orama::gateway::metrics
