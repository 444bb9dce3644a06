// The figures that /metrics shows: families of counters and histograms that are counted as things
// happen, and gauges that are asked for when somebody looks. Families are printed in the order of
// their registration. Registering takes a lock; counting does not. One object per process, made by
// the app.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/metrics/instruments.h"

namespace orama::gateway::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Sample {
  Labels labels;
  double value = 0;
};

// Prometheus text 0.0.4, or OpenMetrics 1.0.0.
enum class Format : std::uint8_t { prometheus, open_metrics };
std::string_view content_type(Format format);

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The instrument of that family and those labels; the same one for the same question. `name` of a
  // counter ends in _total.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels);
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels);

  // Called on the thread that renders; must not block.
  using Reader = std::function<std::vector<Sample>()>;
  void gauge(std::string_view name, std::string_view help, Reader reader);
  // A counter that is kept elsewhere (the kernel, the access log).
  void read_counter(std::string_view name, std::string_view help, Reader reader);

  std::string render(Format format) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orama::gateway::metrics
