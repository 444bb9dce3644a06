// Names and addresses that travel: what is accepted is written in a form that is accepted as the
// same value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"
#include "common/mesh/names.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orama::mesh;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = IpAddress::parse(text); address.ok()) {
    FUZZ_REQUIRE(IpAddress::parse(address->to_string()).value() == *address);
    const int kinds = address->is_loopback() + address->is_link_local() + address->is_multicast() +
                      address->is_unspecified() + address->is_private() + address->is_public();
    FUZZ_REQUIRE(kinds <= 1);
  }
  if (const auto range = Cidr::parse(text); range.ok()) {
    FUZZ_REQUIRE(range->to_string() == text);
    FUZZ_REQUIRE(range->contains(range->network()));
  }
  if (const auto range = Cidr::parse_mesh(text); range.ok()) {
    FUZZ_REQUIRE(range->network().is_private() && range->host(range->host_count()).is_private());
  }
  if (const auto endpoint = Endpoint::parse(text); endpoint.ok()) {
    FUZZ_REQUIRE(Endpoint::parse(endpoint->to_string()).value() == *endpoint);
  }
  if (const auto domain = parse_domain(text); domain.ok()) {
    FUZZ_REQUIRE(parse_domain(*domain).value() == *domain);
    FUZZ_REQUIRE(parse_domain(parent_domain(*domain)).ok() || parent_domain(*domain) == *domain);
    FUZZ_REQUIRE(!IpAddress::parse(*domain).ok());
  }
  if (const auto name = parse_node_name(text); name.ok()) {
    FUZZ_REQUIRE(*name == text && parse_id(text).ok());
  }
  if (const auto key = parse_wireguard_key(text); key.ok()) {
    FUZZ_REQUIRE(key->size() == 32);
  }
  if (const auto key = parse_node_key(text); key.ok()) {
    FUZZ_REQUIRE(key->size() == 32);
  }
  return 0;
}
