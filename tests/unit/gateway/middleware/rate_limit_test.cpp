#include "gateway/middleware/rate_limit.h"

#include <chrono>
#include <cstdint>

#include <doctest/doctest.h>

#include "common/clock.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::gateway::middleware {
namespace {

using namespace std::chrono_literals;

mesh::IpAddress address(const char* text) {
  return mesh::IpAddress::parse(text).value();
}

TEST_CASE("a client has its burst at once, then the rate, and is told when to come back") {
  RateLimit limit({"join", 10, 10});
  SteadyTime now{};
  const mesh::IpAddress client = address("203.0.113.5");
  for (int left = 9; left >= 0; --left) {
    const auto verdict = limit.take(client, now);
    CHECK(verdict.allowed);
    CHECK(verdict.left == left);
  }
  auto refused = limit.take(client, now);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.left == 0);
  CHECK(refused.retry_after_s == 6);
  CHECK(refused.full_in_s == 60);
  now += 5999ms;
  CHECK_FALSE(limit.take(client, now).allowed);
  now += 1ms;
  CHECK(limit.take(client, now).allowed);
  now += 1h;
  CHECK(limit.take(client, now).left == 9);  // never above the burst
}

TEST_CASE("clients do not share tokens, but those of one IPv6 /64 do") {
  RateLimit limit({"join", 10, 1});
  const SteadyTime now{};
  CHECK(limit.take(address("203.0.113.5"), now).allowed);
  CHECK(limit.take(address("203.0.113.6"), now).allowed);
  CHECK(limit.take(address("2001:db8:1:2::1"), now).allowed);
  CHECK_FALSE(limit.take(address("2001:db8:1:2:ffff::9"), now).allowed);
  CHECK(limit.take(address("2001:db8:1:3::1"), now).allowed);
}

TEST_CASE("the headers say class, rate and what is left") {
  RateLimit limit({"join", 10, 10});
  const auto verdict = limit.take(address("203.0.113.5"), SteadyTime{});
  CHECK(limit.header_lines(verdict) ==
        "RateLimit-Policy: \"join\";q=10;w=60\r\nRateLimit: \"join\";r=9;t=6\r\n");
}

TEST_CASE("buckets that are full again are forgotten when there are too many") {
  RateLimit limit({"join", 60, 1});
  SteadyTime now{};
  for (std::uint32_t i = 0; i < RateLimit::kManyBuckets; ++i) {
    limit.take(mesh::IpAddress::from_v4(0x0B000000U + i), now);
  }
  CHECK(limit.buckets() == RateLimit::kManyBuckets);
  now += 1s;
  CHECK(limit.take(address("203.0.113.5"), now).allowed);
  CHECK(limit.buckets() == 1);
}

}  // namespace
}  // namespace orama::gateway::middleware
