// The node's units under the short names that people type. Order is the order of a start.
#pragma once

#include <string_view>
#include <vector>

#include "common/result.h"

namespace orama::cli {

struct Service {
  std::string_view name;    // "registry"
  std::string_view unit;    // "orama-rqlite.service"
  std::string_view socket;  // unit that holds its sockets, "" none
  std::string_view what;    // "registry (RQLite)"
  enum class Owner {
    orama,
    distribution
  } owner;  // Caddy is the distribution's and may serve other sites
};

const std::vector<Service>& services();

// By short name or unit name; not_found names the known ones.
Result<const Service*> find_service(std::string_view name);

// Their short names, for help and completion.
inline constexpr std::string_view kServiceNames =
    "wireguard agent registry database cache storage pinning gateway caddy";

}  // namespace orama::cli
