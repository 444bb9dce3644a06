// Request heads and bodies through the connection's parser. The first two bytes choose where reads
// end; the verdict must be the one of the whole, and of single bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/require.h"
#include "tests/unit/gateway/http/parse_whole.h"

namespace {

namespace testing = orama::gateway::http::testing;

std::vector<std::size_t> cuts_from(std::uint32_t seed, std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = 0; at < size;) {
    seed = seed * 1664525U + 1013904223U;  // Numerical Recipes' generator: spread is all it is for
    at += 1 + (seed >> 24) % 64;
    if (at < size) {
      cuts.push_back(at);
    }
  }
  return cuts;
}

// What no handler may ever see.
void require_clean(const testing::Parsed& parsed) {
  FUZZ_REQUIRE(!parsed.path.empty());
  FUZZ_REQUIRE(parsed.path == "*" || parsed.path.front() == '/');
  FUZZ_REQUIRE(parsed.path.find('\0') == std::string::npos);
  const std::string path = parsed.path + "/";
  FUZZ_REQUIRE(path.find("/../") == std::string::npos);
  FUZZ_REQUIRE(path.find("/./") == std::string::npos);
  for (const std::string& field : parsed.fields) {
    FUZZ_REQUIRE(field.find('\n') == std::string::npos);
    FUZZ_REQUIRE(field.find('\r') == std::string::npos);
    FUZZ_REQUIRE(field.find('\0') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::uint32_t seed = data[0] * 256U + data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const testing::Parsed whole = testing::parse_whole(bytes);
  if (whole.outcome == "complete") {
    require_clean(whole);
  }
  FUZZ_REQUIRE(testing::parse_in_pieces(bytes, cuts_from(seed, bytes.size())) == whole);
  FUZZ_REQUIRE(testing::parse_in_pieces(bytes, testing::every_byte(bytes.size())) == whole);
  return 0;
}
