// A range of addresses of either family, for the list of trusted proxies.
#pragma once

#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::gateway::http {

class AddressRange {
 public:
  // "127.0.0.0/8", "::1/128", or a single address. No host bits set.
  static Result<AddressRange> parse(std::string_view text);
  bool contains(const mesh::IpAddress& address) const;

 private:
  mesh::IpAddress network_;
  int prefix_ = 0;
};

bool any_contains(const std::vector<AddressRange>& ranges, const mesh::IpAddress& address);

}  // namespace orama::gateway::http
