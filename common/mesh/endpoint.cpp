#include "common/mesh/endpoint.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::mesh {

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const Error refused = make_error(
      Errc::invalid_argument,
      "found \"" + std::string(text.substr(0, 80)) +
          "\", expected an address and a port such as 203.0.113.11:51820 or [2001:db8::11]:51820");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return refused;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  // Brackets if and only if the text is IPv6 (also for ::ffff:a.b.c.d, which is read as IPv4).
  if (bracketed != (host.find(':') != std::string_view::npos)) {
    return refused;
  }
  const auto address = IpAddress::parse(host);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address.ok() || error != std::errc{} || end != digits.data() + digits.size() || port == 0 ||
      std::to_string(port) != digits) {
    return refused;
  }
  return Endpoint{*address, port};
}

std::string Endpoint::to_string() const {
  return address.for_url() + ":" + std::to_string(port);
}

Result<void> check_outside_mesh(const IpAddress& address, const Cidr& mesh_cidr) {
  const bool broadcast = address.is_v4() && address.v4() == 0xFFFFFFFFU;
  if (address.is_unspecified() || address.is_loopback() || address.is_link_local() ||
      address.is_multicast() || broadcast) {
    return make_error(Errc::invalid_argument, "found " + address.to_string() +
                                                  ", expected an address that other hosts reach");
  }
  if (mesh_cidr.contains(address)) {
    return make_error(Errc::invalid_argument, "found " + address.to_string() +
                                                  ", expected an address outside the mesh range " +
                                                  mesh_cidr.to_string());
  }
  return {};
}

}  // namespace orama::mesh
