// What the caddy step reads of dpkg, caddy and its storage, and that nothing typed breaks the
// Caddyfile.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "installers/steps/caddy_certificates.h"
#include "installers/steps/caddy_operator.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace installers = orama::installers;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The folder's name becomes part of a path: one component.
  FUZZ_REQUIRE(installers::caddy_issuer_folder(text).find('/') == std::string::npos);
  const auto certificate = installers::parse_certificate(text);
  if (certificate.ok()) {
    FUZZ_REQUIRE(text.find("-----BEGIN") != std::string_view::npos);
  }
  FUZZ_REQUIRE(installers::packaged_caddyfile_md5(text).find('\n') == std::string::npos);
  FUZZ_REQUIRE(installers::caddy_reason(text).find('\n') == std::string::npos);
  static_cast<void>(installers::answers_all_on_port_80(text));
  return 0;
}
