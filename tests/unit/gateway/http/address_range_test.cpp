#include "gateway/http/address_range.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"

namespace orama::gateway::http {

TEST_CASE("ranges of both families") {
  struct Row {
    std::string_view range, address;
    bool inside;
  };
  const std::vector<Row> rows{
      {"127.0.0.0/8", "127.0.0.1", true},
      {"127.0.0.0/8", "127.255.255.255", true},
      {"127.0.0.0/8", "128.0.0.0", false},
      {"127.0.0.0/8", "::1", false},
      {"::1/128", "::1", true},
      {"::1/128", "::2", false},
      {"10.0.0.7", "10.0.0.7", true},
      {"10.0.0.7", "10.0.0.8", false},
      {"fd00::/9", "fd7f::1", true},
      {"fd00::/9", "fd80::1", false},
      {"0.0.0.0/0", "203.0.113.1", true},
      {"0.0.0.0/0", "::", false},
      {"203.0.113.64/26", "203.0.113.127", true},
      {"203.0.113.64/26", "203.0.113.128", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.range);
    CAPTURE(row.address);
    const AddressRange range = AddressRange::parse(row.range).value();
    CHECK(range.contains(mesh::IpAddress::parse(row.address).value()) == row.inside);
  }
}

TEST_CASE("texts that are no range") {
  for (const std::string_view text :
       {"", "/8", "127.0.0.0/", "127.0.0.0/33", "::/129", "127.0.0.1/8", "127.0.0.0/-1",
        "127.0.0.0/8x", "localhost", "127.0.0.0/8/8", "[::1]/128"}) {
    CAPTURE(text);
    CHECK_FALSE(AddressRange::parse(text).ok());
  }
}

}  // namespace orama::gateway::http
