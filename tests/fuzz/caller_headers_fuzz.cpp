// Headers by which a caller says who it is and what trace it continues: traceparent,
// X-Forwarded-For, and the places of credentials.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/random.h"
#include "common/mesh/ip_address.h"
#include "gateway/http/address_range.h"
#include "gateway/http/message.h"
#include "gateway/middleware/client_address.h"
#include "gateway/middleware/credentials.h"
#include "gateway/middleware/trace_context.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = orama::gateway::http;
  namespace middleware = orama::gateway::middleware;
  namespace mesh = orama::mesh;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  orama::crypto::SystemRandom random;

  const auto given = middleware::parse_traceparent(text);
  const std::string next = middleware::next_traceparent({{"traceparent", text}}, random);
  const auto passed_on = middleware::parse_traceparent(next);
  FUZZ_REQUIRE(passed_on.has_value() && next.size() == 55);
  FUZZ_REQUIRE(!given || passed_on->trace_id == given->trace_id);

  const mesh::IpAddress proxy = mesh::IpAddress::parse("127.0.0.1").value();
  const std::vector<http::AddressRange> trusted{http::AddressRange::parse("127.0.0.0/8").value()};
  const std::vector<http::Header> headers{{"X-Forwarded-For", text}, {"Authorization", text}};
  if (const auto client = middleware::client_address(proxy, headers, trusted)) {
    const std::string written = client->address.to_string();
    FUZZ_REQUIRE(mesh::IpAddress::parse(written).value() == client->address);
    FUZZ_REQUIRE(text.find_first_of("0123456789abcdefABCDEF:") != std::string_view::npos);
  }
  static_cast<void>(http::AddressRange::parse(text));

  http::Request request;
  request.headers = &headers;
  for (const auto& credential : middleware::read_credentials(request)) {
    FUZZ_REQUIRE(!credential.text.empty() && credential.text.size() <= text.size());
  }
  return 0;
}
