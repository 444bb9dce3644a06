#include "cli/services.h"

#include <string>
#include <string_view>
#include <vector>

#include "common/nearest.h"
#include "common/result.h"
#include "installers/paths.h"

namespace orama::cli {

namespace paths = installers::paths;

const std::vector<Service>& services() {
  using Owner = Service::Owner;
  static const std::vector<Service> table = {
      {"wireguard", paths::kWireguardUnit, "", "mesh device (WireGuard)", Owner::orama},
      {"agent", paths::kAgentUnit, "", "node agent", Owner::orama},
      {"registry", paths::kRqliteUnit, "", "registry (RQLite)", Owner::orama},
      {"database", paths::kDatabaseUnit, "", "database (RQLite)", Owner::orama},
      {"cache", paths::kOlricUnit, "", "cache (Olric)", Owner::orama},
      {"storage", paths::kIpfsUnit, "", "storage (Kubo)", Owner::orama},
      {"pinning", paths::kIpfsClusterUnit, "", "pinning (IPFS Cluster)", Owner::orama},
      {"gateway", paths::kGatewayUnit, paths::kGatewaySocketUnit, "gateway", Owner::orama},
      {"caddy", paths::kCaddyUnit, "", "TLS front (Caddy)", Owner::distribution},
  };
  return table;
}

Result<const Service*> find_service(std::string_view name) {
  std::vector<std::string> known;
  known.reserve(services().size());
  for (const Service& service : services()) {
    if (name == service.name || name == service.unit ||
        std::string(name) + ".service" == service.unit) {
      return &service;
    }
    known.emplace_back(service.name);
  }
  const auto nearest = nearest_word(name, known);
  return make_error(
      Errc::invalid_argument,
      "unknown unit `" + std::string(name) + "`, expected one of: " + std::string(kServiceNames),
      nearest ? "did you mean `" + *nearest + "`?" : "");
}

}  // namespace orama::cli
