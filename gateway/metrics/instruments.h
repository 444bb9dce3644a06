// A counter and a histogram whose cells are spread over cache lines: threads count in different
// ones with relaxed atomics, a reader adds them up. References stay valid for the life of the
// Metrics that made them; keep them, never look one up per request.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace orama::gateway::metrics {

inline constexpr std::size_t kSlots = 8;
std::size_t thread_slot();  // of the calling thread, below kSlots; two threads may share one

class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    cells_[thread_slot()].value.fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const;

 private:
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Cell, kSlots> cells_;
};

// Durations in the buckets of http-api.md 9.3.
class Histogram {
 public:
  static constexpr std::array<double, 16> kBounds{.0005, .001, .0025, .005, .01, .025, .05, .1,
                                                  .25,   .5,   1,     2.5,  5,   10,   30,  60};
  void observe(std::chrono::nanoseconds duration);

  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // not cumulative; the last is +Inf
    double sum = 0;
  };
  Snapshot snapshot() const;

 private:
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts{};
    std::atomic<std::uint64_t> sum_ns{0};
  };
  std::array<Cell, kSlots> cells_;
};

}  // namespace orama::gateway::metrics
