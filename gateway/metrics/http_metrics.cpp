#include "gateway/metrics/http_metrics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/metrics/instruments.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

namespace {

constexpr std::string_view kRequests = "orama_http_requests_total";
constexpr std::string_view kRequestsHelp = "Requests answered, by operation, method and status.";
constexpr std::array<std::string_view, 7> kMethods{"GET",    "HEAD",    "POST", "PUT",
                                                   "DELETE", "OPTIONS", "OTHER"};
constexpr int kFirstStatus = 100;
constexpr int kLastStatus = 599;

std::size_t method_index(std::string_view method) {
  const auto at = std::find(kMethods.begin(), kMethods.end(), method);
  return at == kMethods.end() ? kMethods.size() - 1
                              : static_cast<std::size_t>(at - kMethods.begin());
}

}  // namespace

struct HttpMetrics::Operation {
  using Statuses = std::array<std::atomic<Counter*>, kLastStatus - kFirstStatus + 1>;

  Operation(Metrics& metrics, std::string_view operation)
      : name(operation),
        duration(metrics.histogram("orama_http_request_duration_seconds",
                                   "From the first byte of a request to the last of its answer.",
                                   {{"operation", name}})),
        bytes_in(metrics.counter("orama_http_request_body_bytes_total",
                                 "Bytes of request bodies received.", {{"operation", name}})),
        bytes_out(metrics.counter("orama_http_response_body_bytes_total",
                                  "Bytes of response bodies sent.", {{"operation", name}})) {}

  std::string name;
  Histogram& duration;
  Counter& bytes_in;
  Counter& bytes_out;
  std::array<Statuses, kMethods.size()> requests{};  // null until the first of its kind
};

HttpMetrics::HttpMetrics(Metrics& metrics, const std::vector<std::string_view>& operations)
    : metrics_(metrics) {
  operations_.push_back(std::make_unique<Operation>(metrics, "unmatched"));
  for (const std::string_view operation : operations) {
    if (operation_index(operation) == 0) {
      operations_.push_back(std::make_unique<Operation>(metrics, operation));
    }
  }
  metrics.gauge("orama_http_requests_in_flight", "Requests that are being answered now.", [this] {
    const auto now = static_cast<double>(in_flight_.load(std::memory_order_relaxed));
    return std::vector<Sample>{{{}, now}};
  });
}

HttpMetrics::~HttpMetrics() = default;

std::size_t HttpMetrics::operation_index(std::string_view operation) const {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    if (operations_[i]->name == operation) {
      return i;
    }
  }
  return 0;
}

void HttpMetrics::end(const Outcome& outcome) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  Operation& operation = *operations_[outcome.operation];
  const int status = std::clamp(outcome.status, kFirstStatus, kLastStatus);
  std::atomic<Counter*>& cell =
      operation
          .requests[method_index(outcome.method)][static_cast<std::size_t>(status - kFirstStatus)];
  Counter* counter = cell.load(std::memory_order_acquire);
  if (counter == nullptr) {  // two threads may find the same one: it is the same counter
    counter = &metrics_.counter(kRequests, kRequestsHelp,
                                {{"operation", operation.name},
                                 {"method", std::string(outcome.method)},
                                 {"status", std::to_string(status)}});
    cell.store(counter, std::memory_order_release);
  }
  counter->add();
  operation.duration.observe(outcome.duration);
  operation.bytes_in.add(outcome.bytes_in);
  operation.bytes_out.add(outcome.bytes_out);
}

}  // namespace orama::gateway::metrics
