// JSON bodies: an object or an error, never an exception; an object can be written and is read as
// the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "gateway/http/json_body.h"
#include "gateway/http/message.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = orama::gateway::http;
  http::Request request;
  request.body = std::string_view(reinterpret_cast<const char*>(data), size);
  const auto result = http::parse_json_object(request);
  if (const auto* body = std::get_if<nlohmann::json>(&result)) {
    const std::string written = body->dump();
    request.body = written;
    FUZZ_REQUIRE(std::get<nlohmann::json>(http::parse_json_object(request)) == *body);
  }
  return 0;
}
