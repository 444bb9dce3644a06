// Any bytes as orama.yaml: a configuration or problems, never a crash; and the same answer twice.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_reader.h"
#include "tests/fuzz/require.h"

namespace {

std::string read_as_config(std::string_view text) {
  orama::ConfigReader reader(text, "f");
  std::string id;
  std::vector<std::string> addresses;
  std::int64_t threads = 0;
  double ratio = 0;
  bool enabled = false;
  std::chrono::nanoseconds within{0};
  reader.required("node.id", id);
  reader.optional("node.addresses", addresses, {});
  reader.optional<std::int64_t>("http.threads", threads, 0);
  reader.optional("a.b.c", ratio, 0.5);
  reader.optional("drain.enabled", enabled, true);
  reader.optional<std::chrono::nanoseconds>("drain.within", within, std::chrono::seconds(5));
  const auto finished = reader.finish();
  std::string outcome = finished.ok() ? "" : finished.error().message;
  FUZZ_REQUIRE(finished.ok() || outcome.starts_with("f:"));
  for (const auto& entry : reader.entries()) {
    outcome += entry.key + entry.value + entry.origin;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FUZZ_REQUIRE(read_as_config(text) == read_as_config(text));
  return 0;
}
