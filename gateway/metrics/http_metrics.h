// The orama_http_* families, by operationId. Operations are known at construction; cells of a
// method and a status appear with their first request.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

class HttpMetrics {
 public:
  HttpMetrics(Metrics& metrics, const std::vector<std::string_view>& operations);
  ~HttpMetrics();
  HttpMetrics(const HttpMetrics&) = delete;
  HttpMetrics& operator=(const HttpMetrics&) = delete;

  // Index for the calls below; `unmatched` for a name that is unknown.
  std::size_t operation_index(std::string_view operation) const;

  void begin() { in_flight_.fetch_add(1, std::memory_order_relaxed); }
  struct Outcome {
    std::size_t operation = 0;
    std::string_view method;  // of the fixed set of http::to_string(Method)
    int status = 0;
    std::size_t bytes_in = 0, bytes_out = 0;
    std::chrono::nanoseconds duration{};
  };
  void end(const Outcome& outcome);

 private:
  struct Operation;
  Metrics& metrics_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::atomic<std::int64_t> in_flight_{0};
};

}  // namespace orama::gateway::metrics
