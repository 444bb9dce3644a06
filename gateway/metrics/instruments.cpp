#include "gateway/metrics/instruments.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace orama::gateway::metrics {

std::size_t thread_slot() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t slot = next.fetch_add(1, std::memory_order_relaxed) % kSlots;
  return slot;
}

std::uint64_t Counter::value() const {
  std::uint64_t sum = 0;
  for (const Cell& cell : cells_) {
    sum += cell.value.load(std::memory_order_relaxed);
  }
  return sum;
}

void Histogram::observe(std::chrono::nanoseconds duration) {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin());
  Cell& cell = cells_[thread_slot()];
  cell.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  cell.sum_ns.fetch_add(ns, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot result;
  std::uint64_t sum_ns = 0;
  for (const Cell& cell : cells_) {
    for (std::size_t i = 0; i < result.counts.size(); ++i) {
      result.counts[i] += cell.counts[i].load(std::memory_order_relaxed);
    }
    sum_ns += cell.sum_ns.load(std::memory_order_relaxed);
  }
  constexpr double kNanosecondsPerSecond = 1e9;
  result.sum = static_cast<double>(sum_ns) / kNanosecondsPerSecond;
  return result;
}

}  // namespace orama::gateway::metrics
