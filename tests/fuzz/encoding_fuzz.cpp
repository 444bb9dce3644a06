// Each text form: bytes survive it, and what decodes is the one spelling of its bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/crypto/encoding.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orama::crypto;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FUZZ_REQUIRE(from_hex(to_hex(text)).value() == text);
  FUZZ_REQUIRE(from_base64(to_base64(text)).value() == text);
  FUZZ_REQUIRE(from_base64url(to_base64url(text)).value() == text);
  if (const auto bytes = from_base64(text); bytes.ok()) {
    FUZZ_REQUIRE(to_base64(*bytes) == text);
  }
  if (const auto bytes = from_base64url(text); bytes.ok()) {
    FUZZ_REQUIRE(to_base64url(*bytes) == text);
  }
  const std::string_view brief = text.substr(0, 90);  // of 90 bytes, 123 characters come
  FUZZ_REQUIRE(from_base58(to_base58(brief)).value() == brief);
  if (const auto bytes = from_base58(text); bytes.ok()) {
    FUZZ_REQUIRE(to_base58(*bytes) == text);
  }
  if (const auto bytes = from_hex(text); bytes.ok()) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    FUZZ_REQUIRE(to_hex(*bytes) == lower);
  }
  return 0;
}
