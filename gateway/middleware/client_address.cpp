#include "gateway/middleware/client_address.h"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/http/address_range.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

namespace {

std::optional<std::string_view> last_value(const std::vector<http::Header>& headers,
                                           std::string_view name) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (http::equal_ignoring_case(header->name, name)) {
      return header->value;
    }
  }
  return std::nullopt;
}

std::string_view last_entry(std::string_view list) {
  const std::size_t comma = list.rfind(',');
  return http::trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

}  // namespace

std::optional<ClientAddress> client_address(
    const mesh::IpAddress& peer, const std::vector<http::Header>& headers,
    const std::vector<http::AddressRange>& trusted_proxies) {
  ClientAddress client{peer};
  if (!http::any_contains(trusted_proxies, peer)) {
    return client;
  }
  const std::optional<std::string_view> scheme = last_value(headers, "x-forwarded-proto");
  client.over_https = scheme && http::equal_ignoring_case(*scheme, "https");
  if (const std::optional<std::string_view> chain = last_value(headers, "x-forwarded-for")) {
    const Result<mesh::IpAddress> address = mesh::IpAddress::parse(last_entry(*chain));
    if (!address.ok()) {
      return std::nullopt;
    }
    client.address = *address;
  }
  return client;
}

}  // namespace orama::gateway::middleware
