// Time passed in, so that tests hold it. Wall time is for stamps that people and protocols read;
// durations and deadlines use steady time. Nothing compares two machines' clocks to decide.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama {

using WallTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  virtual SteadyTime steady_now() const = 0;
  virtual void sleep_for(std::chrono::milliseconds duration) = 0;
};

// The machine's clocks. Safe from any thread.
class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
  SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
  void sleep_for(std::chrono::milliseconds duration) override;
};

// RFC 3339 in UTC with `Z` and milliseconds, e.g. 2026-11-24T17:13:32.041Z.
std::string format_rfc3339(WallTime time);

// The same text with 0 to 9 fraction digits, `Z` only, years 1970 to 2261 (what a nanosecond count
// holds).
Result<WallTime> parse_rfc3339(std::string_view text);

// Unix time in milliseconds, as the registry's columns hold it.
std::int64_t to_unix_ms(WallTime time);
WallTime from_unix_ms(std::int64_t ms);

// Go duration text as the wire contract writes it (http-api.md 1): "1h2m3.4s", "0s".
std::string format_duration(std::chrono::nanoseconds duration);

// Reads it: decimal numbers with `ns us µs ms s m h`, e.g. "1h30m", "-1.5s"; "0" needs no unit.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace orama
