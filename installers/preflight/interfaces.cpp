#include "installers/preflight/interfaces.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::installers {
namespace {

using nlohmann::json;

Error unreadable(const char* what, const json::exception& error) {
  return make_error(Errc::failed,
                    std::string("the answer of `") + what + "` cannot be read: " + error.what());
}

// "10.0.0.0/24", or "10.1.2.3" for one host.
Result<mesh::Cidr> destination(const std::string& text) {
  return mesh::Cidr::parse(text.find('/') == std::string::npos ? text + "/32" : text);
}

}  // namespace

Result<std::vector<InterfaceAddress>> parse_addresses(std::string_view text) {
  try {
    std::vector<InterfaceAddress> result;
    for (const json& interface : json::parse(text)) {
      for (const json& info : interface.value("addr_info", json::array())) {
        auto address = mesh::IpAddress::parse(info.value("local", ""));
        if (address.ok()) {
          result.push_back({interface.value("ifname", ""), *address, info.value("prefixlen", 0)});
        }
      }
    }
    return result;
  } catch (const json::exception& error) {
    return unreadable("ip -j addr", error);
  }
}

Result<std::vector<Route>> parse_routes(std::string_view text) {
  try {
    std::vector<Route> result;
    for (const json& route : json::parse(text)) {
      auto range = destination(route.value("dst", ""));
      if (range.ok() && range->prefix() > 0) {
        result.push_back({route.value("dev", ""), *range});
      }
    }
    return result;
  } catch (const json::exception& error) {
    return unreadable("ip -j route", error);
  }
}

Result<std::vector<InterfaceAddress>> interface_addresses(CommandRunner& commands) {
  TRY(text, run_checked(commands, Command({"ip", "-j", "addr"})));
  return parse_addresses(text);
}

Result<std::vector<Route>> ipv4_routes(CommandRunner& commands) {
  TRY(text, run_checked(commands, Command({"ip", "-j", "-4", "route"})));
  return parse_routes(text);
}

Result<mesh::Cidr> range_of(const mesh::IpAddress& address, int prefix) {
  if (!address.is_v4() || prefix < 0 || prefix > 32) {
    return make_error(Errc::invalid_argument,
                      address.to_string() + "/" + std::to_string(prefix) + " is no IPv4 range");
  }
  const std::uint32_t mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
  return mesh::Cidr::parse(mesh::IpAddress::from_v4(address.v4() & mask).to_string() + "/" +
                           std::to_string(prefix));
}

}  // namespace orama::installers
