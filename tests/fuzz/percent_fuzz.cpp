// Percent-decoding of paths and query parameters: what comes out is UTF-8 without NUL, and written
// in percent form again it is read as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/percent.h"
#include "tests/fuzz/require.h"

namespace {

std::string encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kHex[byte >> 4], kHex[byte & 0xF]});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = orama::gateway::http;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string path = "/";
  if (http::decode_path(text, path) && text.find('%') != std::string_view::npos) {
    FUZZ_REQUIRE(http::is_utf8(path));
    FUZZ_REQUIRE(http::has_valid_percent(text));
  } else if (text.find('%') != std::string_view::npos) {
    FUZZ_REQUIRE(path == "/");
  }
  if (const auto value = http::decode_query_text(text)) {
    FUZZ_REQUIRE(http::is_utf8(*value));
    FUZZ_REQUIRE(http::decode_query_text(encode(*value)) == value ||
                 value->find('\0') != std::string::npos);
  }
  if (const auto value = http::find_query_parameter(text, "domain")) {
    FUZZ_REQUIRE(http::find_query_parameter("domain=" + encode(*value), "domain") == value ||
                 value->find('\0') != std::string::npos);
  }
  return 0;
}
