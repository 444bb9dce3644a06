// The two text forms of metrics: Prometheus text 0.0.4 and OpenMetrics 1.0.0. They differ in how a
// counter's family is named, in the number form of bucket bounds, and in the last line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/metrics/instruments.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

enum class Kind : std::uint8_t { counter, gauge, histogram };

class Exposition {
 public:
  explicit Exposition(Format format) : format_(format) {}
  void family(std::string_view name, std::string_view help, Kind kind);
  void sample(std::string_view name, const Labels& labels, double value);
  void sample(std::string_view name, const Labels& labels, std::uint64_t value);
  void histogram(std::string_view name, const Labels& labels, const Histogram::Snapshot& snapshot);
  std::string finish();

 private:
  void begin_line(std::string_view name, std::string_view suffix, const Labels& labels,
                  std::string_view le);

  Format format_;
  std::string text_;
};

}  // namespace orama::gateway::metrics
