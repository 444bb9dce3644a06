#include "gateway/middleware/rate_limit.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <ratio>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/mesh/ip_address.h"

namespace orama::gateway::middleware {
namespace {

constexpr std::chrono::duration<double, std::nano> kMinute = std::chrono::minutes(1);
constexpr std::size_t kPrefixBytes = 8;  // a /64 is one customer

std::uint64_t prefix_of(const mesh::IpAddress& address) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < kPrefixBytes; ++i) {
    prefix = prefix << 8U | address.bytes()[i];
  }
  return prefix;
}

int whole_seconds(std::chrono::nanoseconds time) {
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

std::chrono::nanoseconds time_of(double tokens, double per_minute) {
  return std::chrono::nanoseconds(std::llround(tokens * kMinute.count() / per_minute));
}

}  // namespace

RateLimit::RateLimit(RateRule rule)
    : rule_(std::move(rule)), token_(time_of(1, rule_.per_minute)) {}

std::chrono::nanoseconds RateLimit::full() const {
  return time_of(rule_.burst, rule_.per_minute);
}

void RateLimit::refill(Bucket& bucket, SteadyTime now) const {
  bucket.credit = std::min(full(), bucket.credit + (now - bucket.at));
  bucket.at = now;
}

void RateLimit::forget_full(SteadyTime now) {
  for (auto entry = buckets_.begin(); entry != buckets_.end();) {
    refill(entry->second, now);
    entry = entry->second.credit >= full() ? buckets_.erase(entry) : std::next(entry);
  }
}

RateLimit::Verdict RateLimit::take(const mesh::IpAddress& client, SteadyTime now) {
  const Key key{client.is_v4(), client.is_v4() ? client.v4() : prefix_of(client)};
  const std::scoped_lock lock(mutex_);
  if (buckets_.size() >= kManyBuckets && !buckets_.contains(key)) {
    forget_full(now);
  }
  Bucket& bucket = buckets_.try_emplace(key, Bucket{full(), now}).first->second;
  refill(bucket, now);
  Verdict verdict;
  verdict.allowed = bucket.credit >= token_;
  if (verdict.allowed) {
    bucket.credit -= token_;
  }
  verdict.left = static_cast<int>(bucket.credit / token_);
  verdict.full_in_s = whole_seconds(full() - bucket.credit);
  verdict.retry_after_s = std::max(1, whole_seconds(token_ - bucket.credit));
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
