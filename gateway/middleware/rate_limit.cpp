#include "gateway/middleware/rate_limit.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "common/clock.h"
#include "common/mesh/ip_address.h"

namespace orama::gateway::middleware {
namespace {

constexpr double kSecondsPerMinute = 60;
constexpr std::size_t kPrefixBytes = 8;  // a /64 is one customer

std::uint64_t prefix_of(const mesh::IpAddress& address) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < kPrefixBytes; ++i) {
    prefix = prefix << 8U | address.bytes()[i];
  }
  return prefix;
}

int whole_seconds(double seconds) {
  return static_cast<int>(std::ceil(seconds));
}

}  // namespace

void RateLimit::refill(Bucket& bucket, SteadyTime now) const {
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.tokens =
      std::min(rule_.burst, bucket.tokens + passed.count() * rule_.per_minute / kSecondsPerMinute);
  bucket.at = now;
}

void RateLimit::forget_full(SteadyTime now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    Bucket bucket = entry.second;
    refill(bucket, now);
    return bucket.tokens >= rule_.burst;
  });
}

RateLimit::Verdict RateLimit::take(const mesh::IpAddress& client, SteadyTime now) {
  const Key key{client.is_v4(), client.is_v4() ? client.v4() : prefix_of(client)};
  const std::scoped_lock lock(mutex_);
  if (buckets_.size() >= kManyBuckets && !buckets_.contains(key)) {
    forget_full(now);
  }
  Bucket& bucket = buckets_.try_emplace(key, Bucket{rule_.burst, now}).first->second;
  refill(bucket, now);
  Verdict verdict;
  verdict.allowed = bucket.tokens >= 1;
  if (verdict.allowed) {
    bucket.tokens -= 1;
  }
  const double per_second = rule_.per_minute / kSecondsPerMinute;
  verdict.left = static_cast<int>(bucket.tokens);
  verdict.full_in_s = whole_seconds((rule_.burst - bucket.tokens) / per_second);
  verdict.retry_after_s = std::max(1, whole_seconds((1 - bucket.tokens) / per_second));
  return verdict;
}

std::string RateLimit::header_lines(const Verdict& verdict) const {
  const std::string name = "\"" + rule_.name + "\"";
  return "RateLimit-Policy: " + name + ";q=" + std::to_string(std::lround(rule_.per_minute)) +
         ";w=60\r\nRateLimit: " + name + ";r=" + std::to_string(verdict.left) +
         ";t=" + std::to_string(verdict.full_in_s) + "\r\n";
}

std::size_t RateLimit::buckets() const {
  const std::scoped_lock lock(mutex_);
  return buckets_.size();
}

}  // namespace orama::gateway::middleware
