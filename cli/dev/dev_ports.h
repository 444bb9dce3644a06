// Whether the addresses and ports that a development cluster listens on are free: tried, not read
// from a list, so that what is in the way on any address is found. Leaves nothing listening.
#pragma once

#include <string>
#include <vector>

#include "common/result.h"

namespace orama::cli {

struct DevAddress {
  std::string address;  // IPv4
  int port = 0;
};

// conflict names all that are taken.
Result<void> check_ports_free(const std::vector<DevAddress>& addresses);

// Of the first `nodes` nodes.
Result<std::vector<DevAddress>> dev_addresses(std::size_t nodes);
// Of the embedded gateway.
std::vector<DevAddress> embedded_addresses();

}  // namespace orama::cli
