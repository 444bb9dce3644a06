#include "common/clock.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace orama {
namespace {

using std::chrono::nanoseconds;

WallTime at_ms(std::int64_t ms) {
  return WallTime(std::chrono::milliseconds(ms));
}

TEST_CASE("wall time is written as RFC 3339 in UTC with milliseconds") {
  CHECK(format_rfc3339(at_ms(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(format_rfc3339(at_ms(1795540412041)) == "2026-11-24T17:13:32.041Z");
  CHECK(format_rfc3339(at_ms(951782400000)) == "2000-02-29T00:00:00.000Z");
  CHECK(format_rfc3339(at_ms(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("RFC 3339 text is read back to the nanosecond") {
  CHECK(parse_rfc3339("2026-11-24T17:13:32.041Z").value() == at_ms(1795540412041));
  CHECK(parse_rfc3339("2026-11-24T17:13:32Z").value() == at_ms(1795540412000));
  CHECK(parse_rfc3339("1970-01-01T00:00:00.000000001Z").value() == WallTime(nanoseconds(1)));
  CHECK(parse_rfc3339("2261-12-31T23:59:59.999999999Z").ok());
}

TEST_CASE("what is no such time is refused") {
  const std::array bad{"",
                       "2026-11-24",
                       "2026-11-24T17:13:32",
                       "2026-11-24T17:13:32+00:00",
                       "2026-11-24 17:13:32Z",
                       "2026-13-24T17:13:32Z",
                       "2026-02-29T17:13:32Z",
                       "2026-11-24T24:00:00Z",
                       "2026-11-24T23:60:00Z",
                       "2026-11-24T23:59:60Z",
                       "2026-11-24T17:13:32.Z",
                       "2026-11-24T17:13:32.0000000001Z",
                       "2026-11-24T17:13:32.041ZZ",
                       "1969-12-31T23:59:59Z",
                       "2262-01-01T00:00:00Z",
                       "-026-11-24T17:13:32Z"};
  for (const char* text : bad) {
    CAPTURE(std::string(text));
    const auto time = parse_rfc3339(text);
    REQUIRE_FALSE(time.ok());
    CHECK(time.error().code == Errc::invalid_argument);
  }
}

struct DurationCase {
  std::int64_t count;
  const char* text;
};

// As Go 1.21's time.Duration.String prints them.
constexpr std::array<DurationCase, 12> kDurations{{{0, "0s"},
                                                   {1, "1ns"},
                                                   {1100, "1.1µs"},
                                                   {2'200'000, "2.2ms"},
                                                   {250'000'000, "250ms"},
                                                   {1'000'000'000, "1s"},
                                                   {3'300'000'000, "3.3s"},
                                                   {245'000'000'000, "4m5s"},
                                                   {245'001'000'000, "4m5.001s"},
                                                   {3'600'000'000'000, "1h0m0s"},
                                                   {18'367'001'000'000, "5h6m7.001s"},
                                                   {-1'500'000'000, "-1.5s"}}};

TEST_CASE("durations are written as Go writes them, and read back") {
  for (const auto& [count, text] : kDurations) {
    CAPTURE(std::string(text));
    CHECK(format_duration(nanoseconds(count)) == text);
    CHECK(parse_duration(text).value() == nanoseconds(count));
  }
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  CHECK(format_duration(nanoseconds(kMost)) == "2562047h47m16.854775807s");
  CHECK(parse_duration("2562047h47m16.854775807s").value() == nanoseconds(kMost));
  CHECK(format_duration(nanoseconds(std::numeric_limits<std::int64_t>::min())) ==
        "-2562047h47m16.854775808s");
}

TEST_CASE("other spellings of a duration") {
  CHECK(parse_duration("0").value() == nanoseconds(0));
  CHECK(parse_duration("1h30m").value() == std::chrono::minutes(90));
  CHECK(parse_duration("+5s").value() == std::chrono::seconds(5));
  CHECK(parse_duration(".5s").value() == std::chrono::milliseconds(500));
  CHECK(parse_duration("5.s").value() == std::chrono::seconds(5));
  CHECK(parse_duration("1us").value() == parse_duration("1μs").value());
  CHECK(parse_duration("0.3333333333333333333h").value() == nanoseconds(1'199'999'999'999));
  CHECK(parse_duration("1s1s").value() == std::chrono::seconds(2));
}

TEST_CASE("what is no duration is refused") {
  for (const char* text :
       {"", "-", "5", "s", "5 s", "5S", "1d", "1h-5m", "..5s", "1e3s", "0x5s", ".s",
        "9223372036854775808ns", "2562047h47m16.854775808s", "99999999999999999999h"}) {
    CAPTURE(std::string(text));
    CHECK(parse_duration(text).ok() == false);
  }
}

}  // namespace
}  // namespace orama
