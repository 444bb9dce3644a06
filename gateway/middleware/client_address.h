// Who is calling (http-api.md 3): the socket's peer, or, when that is a trusted proxy, the last
// address of the last X-Forwarded-For. Nothing else that a client may write is read.
#pragma once

#include <optional>
#include <vector>

#include "common/mesh/ip_address.h"
#include "gateway/http/address_range.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

struct ClientAddress {
  mesh::IpAddress address;
  bool over_https = false;  // a trusted proxy says so
};

// Nothing when the last entry of X-Forwarded-For is no address: the request is malformed.
std::optional<ClientAddress> client_address(const mesh::IpAddress& peer,
                                            const std::vector<http::Header>& headers,
                                            const std::vector<http::AddressRange>& trusted_proxies);

}  // namespace orama::gateway::middleware
