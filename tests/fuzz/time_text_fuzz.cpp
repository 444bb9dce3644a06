// Times and durations: what is read is written in a form that is read as the same.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/clock.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = orama::parse_duration(text); duration.ok()) {
    FUZZ_REQUIRE(orama::parse_duration(orama::format_duration(*duration)).value() == *duration);
  }
  if (const auto time = orama::parse_rfc3339(text); time.ok()) {
    const auto again = orama::parse_rfc3339(orama::format_rfc3339(*time)).value();
    FUZZ_REQUIRE(*time >= again && *time - again < std::chrono::milliseconds(1));
  }
  return 0;
}
