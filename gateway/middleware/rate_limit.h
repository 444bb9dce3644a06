// Token buckets per client (http-api.md 7, stage 7 of the pipeline): an IPv4 address, or the /64 of
// an IPv6 one. Shared by all threads; a lock is taken on routes that have a class only.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "common/clock.h"
#include "common/mesh/ip_address.h"

namespace orama::gateway::middleware {

struct RateRule {
  std::string name;  // of the class: "join"
  double per_minute = 10;
  double burst = 10;
};

class RateLimit {
 public:
  explicit RateLimit(RateRule rule);
  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;

  struct Verdict {
    bool allowed = true;
    int left = 0;           // whole tokens
    int full_in_s = 0;      // until the bucket is full again
    int retry_after_s = 1;  // until there is a token; at least 1
  };
  Verdict take(const mesh::IpAddress& client, SteadyTime now);

  const RateRule& rule() const { return rule_; }
  // The two headers that every answer of the class carries, each line ending in CRLF.
  std::string header_lines(const Verdict& verdict) const;

  // Buckets that stand. Full ones are forgotten when there are more than this.
  static constexpr std::size_t kManyBuckets = 65'536;
  std::size_t buckets() const;

 private:
  struct Key {
    bool v4 = true;
    std::uint64_t prefix = 0;
    auto operator<=>(const Key&) const = default;
  };
  // Tokens as the time they take to come: whole numbers, so that who waits as told is let in
  // however often it asked meanwhile.
  struct Bucket {
    std::chrono::nanoseconds credit{};
    SteadyTime at;
  };
  std::chrono::nanoseconds full() const;
  void refill(Bucket& bucket, SteadyTime now) const;
  void forget_full(SteadyTime now);

  const RateRule rule_;
  const std::chrono::nanoseconds token_;  // the time that one takes
  mutable std::mutex mutex_;
  std::map<Key, Bucket> buckets_;  // guarded by mutex_
};

}  // namespace orama::gateway::middleware
