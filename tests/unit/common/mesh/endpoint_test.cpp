#include "common/mesh/endpoint.h"
#include "common/mesh/ip_address.h"

#include <doctest/doctest.h>

#include <string>

namespace orama::mesh {
namespace {

TEST_CASE("endpoints are literal addresses with a port") {
  CHECK(Endpoint::parse("203.0.113.11:51820").value().to_string() == "203.0.113.11:51820");
  CHECK(Endpoint::parse("[2001:DB8::11]:1").value().to_string() == "[2001:db8::11]:1");
  CHECK(Endpoint::parse("203.0.113.11:65535").value().port == 65535);
  CHECK(Endpoint::parse("[::ffff:203.0.113.11]:5").value().to_string() == "203.0.113.11:5");
}

TEST_CASE("what is no endpoint is refused") {
  for (const char* text :
       {"", ":", "203.0.113.11", "203.0.113.11:", "203.0.113.11:0", "203.0.113.11:65536",
        "203.0.113.11:+1", "203.0.113.11:01", "203.0.113.11:1 ", "2001:db8::11:51820",
        "[203.0.113.11]:1", "[2001:db8::11]", "[2001:db8::11]51820", "[]:1", "[:1",
        "node1.example.com:51820", "203.0.113.11:51820\nendpoint=198.51.100.1:1"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(Endpoint::parse(text).ok());
  }
}

TEST_CASE("an address outside of the mesh is one that other hosts reach") {
  const Cidr mesh = Cidr::parse("10.0.0.0/24").value();
  for (const char* text : {"203.0.113.11", "2001:db8::11", "10.0.1.1", "192.168.0.1", "fd00::1"}) {
    CAPTURE(std::string(text));
    CHECK(check_outside_mesh(IpAddress::parse(text).value(), mesh).ok());
  }
  for (const char* text :
       {"10.0.0.1", "10.0.0.255", "127.0.0.1", "::1", "0.0.0.0", "::", "169.254.1.1", "fe80::1",
        "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:10.0.0.1"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(check_outside_mesh(IpAddress::parse(text).value(), mesh).ok());
  }
}

}  // namespace
}  // namespace orama::mesh
