#include "common/mesh/ip_address.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace orama::mesh {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}
Cidr cidr(const char* text) {
  return Cidr::parse(text).value();
}

struct Spelling {
  const char* text;
  const char* canonical;
};

TEST_CASE("addresses are read and written in their canonical text (RFC 5952)") {
  const std::vector<Spelling> cases{{"203.0.113.11", "203.0.113.11"},
                                    {"0.0.0.0", "0.0.0.0"},
                                    {"255.255.255.255", "255.255.255.255"},
                                    {"2001:DB8:0:0:0:0:0:11", "2001:db8::11"},
                                    {"::", "::"},
                                    {"::1", "::1"},
                                    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
                                    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
                                    {"::ffff:192.0.2.1", "192.0.2.1"},
                                    {"::ffff:7f00:1", "127.0.0.1"}};
  for (const auto& [text, canonical] : cases) {
    CAPTURE(std::string(text));
    CHECK(ip(text).to_string() == canonical);
    CHECK(ip(canonical) == ip(text));
  }
  CHECK(ip("2001:db8::11").for_url() == "[2001:db8::11]");
  CHECK(ip("10.0.0.1").for_url() == "10.0.0.1");
  CHECK(ip("10.0.0.1").v4() == 0x0A000001);
  CHECK(IpAddress::from_v4(0x0A000001) == ip("10.0.0.1"));
  CHECK(ip("10.0.0.2") < ip("10.0.0.10"));
  CHECK(IpAddress() == ip("0.0.0.0"));
}

TEST_CASE("what is no literal address is refused") {
  for (const char* text : {"",
                           " ",
                           "10.0.0",
                           "10.0.0.256",
                           "010.0.0.1",
                           "10.0.0.1.",
                           "0x0a000001",
                           "167772161",
                           " 10.0.0.1",
                           "10.0.0.1 ",
                           "10.0.0.1/24",
                           "[::1]",
                           "fe80::1%eth0",
                           ":::",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "localhost",
                           "1.2.3.4:80",
                           "::ffff:1.2.3.256"}) {
    CAPTURE(std::string(text));
    const auto address = IpAddress::parse(text);
    REQUIRE_FALSE(address.ok());
    CHECK(address.error().message.starts_with("found \"" + std::string(text)));
  }
  CHECK_FALSE(IpAddress::parse(std::string("10.0.0.1\0", 9)).ok());
  CHECK(IpAddress::parse(std::string(5000, '1')).error().message.size() < 200);
}

struct Kind {
  const char* text;
  char kind;  // l loopback, k link-local, m multicast, u unspecified, p private, + public, - none
};

TEST_CASE("what kind of address it is") {
  const std::vector<Kind> cases{{"127.0.0.1", 'l'},
                                {"127.255.255.255", 'l'},
                                {"128.0.0.0", '+'},
                                {"126.255.255.255", '+'},
                                {"::1", 'l'},
                                {"::2", '-'},
                                {"169.254.0.1", 'k'},
                                {"169.253.255.255", '+'},
                                {"fe80::1", 'k'},
                                {"febf::1", 'k'},
                                {"fec0::1", '-'},
                                {"224.0.0.1", 'm'},
                                {"239.255.255.255", 'm'},
                                {"ff02::1", 'm'},
                                {"240.0.0.1", '-'},
                                {"255.255.255.255", '-'},
                                {"0.0.0.0", 'u'},
                                {"::", 'u'},
                                {"0.0.0.1", '-'},
                                {"10.0.0.0", 'p'},
                                {"10.255.255.255", 'p'},
                                {"11.0.0.0", '+'},
                                {"9.255.255.255", '+'},
                                {"172.15.255.255", '+'},
                                {"172.16.0.0", 'p'},
                                {"172.31.255.255", 'p'},
                                {"172.32.0.0", '+'},
                                {"192.168.1.1", 'p'},
                                {"192.169.0.0", '+'},
                                {"100.63.255.255", '+'},
                                {"100.64.0.0", 'p'},
                                {"100.127.255.255", 'p'},
                                {"100.128.0.0", '+'},
                                {"198.17.255.255", '+'},
                                {"198.18.0.1", '-'},
                                {"198.19.255.255", '-'},
                                {"198.20.0.0", '+'},
                                {"192.0.0.1", '-'},
                                {"203.0.113.11", '+'},
                                {"8.8.8.8", '+'},
                                {"fc00::1", 'p'},
                                {"fdff::1", 'p'},
                                {"fe00::1", '-'},
                                {"2001:db8::1", '+'},
                                {"3fff::1", '+'},
                                {"4000::1", '-'},
                                {"::ffff:10.0.0.1", 'p'},
                                {"::ffff:127.0.0.1", 'l'},
                                {"1fff::1", '-'}};
  for (const auto& [text, kind] : cases) {
    CAPTURE(std::string(text));
    const IpAddress address = ip(text);
    CHECK(address.is_loopback() == (kind == 'l'));
    CHECK(address.is_link_local() == (kind == 'k'));
    CHECK(address.is_multicast() == (kind == 'm'));
    CHECK(address.is_unspecified() == (kind == 'u'));
    CHECK(address.is_private() == (kind == 'p'));
    CHECK(address.is_public() == (kind == '+'));
  }
}

TEST_CASE("ranges are read, and count their hosts") {
  const Cidr range = cidr("10.0.0.0/24");
  CHECK(range.to_string() == "10.0.0.0/24");
  CHECK(range.prefix() == 24);
  CHECK(range.host_count() == 254);
  CHECK(range.host(1) == ip("10.0.0.1"));
  CHECK(range.host(254) == ip("10.0.0.254"));
  CHECK(range.contains(ip("10.0.0.255")));
  CHECK_FALSE(range.contains(ip("10.0.1.0")));
  CHECK_FALSE(range.contains(ip("::1")));
  CHECK(cidr("0.0.0.0/0").host_count() == 0xFFFFFFFE);
  CHECK(cidr("0.0.0.0/0").contains(ip("255.255.255.255")));
  CHECK(cidr("10.0.0.0/30").host_count() == 2);
  CHECK(cidr("10.0.0.0/31").host_count() == 0);
  CHECK(cidr("10.0.0.1/32").host_count() == 0);
  CHECK(cidr("10.0.0.1/32").contains(ip("10.0.0.1")));
  CHECK(cidr("10.0.0.0/22").overlaps(cidr("10.0.3.0/24")));
  CHECK(cidr("10.0.3.0/24").overlaps(cidr("10.0.0.0/22")));
  CHECK_FALSE(cidr("10.0.0.0/24").overlaps(cidr("10.0.1.0/24")));
}

TEST_CASE("what is no range is refused") {
  for (const char* text :
       {"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8",
        "10.0.0.0/024", "10.0.0.0/ 24", "10.0.0.1/24", "10.0.0.0/24/1", "10.0.0/24", "::/0",
        "::ffff:10.0.0.0/24", "10.0.0.0/2x", "10.0.0.0/99999999999"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(Cidr::parse(text).ok());
  }
}

TEST_CASE("a mesh is a private range from /22 to /28; loopback only in development") {
  for (const char* text : {"10.0.0.0/24", "10.0.0.0/22", "10.0.0.16/28", "192.168.4.0/22",
                           "172.31.255.240/28", "100.64.0.0/24"}) {
    CAPTURE(std::string(text));
    CHECK(Cidr::parse_mesh(text).ok());
  }
  for (const char* text :
       {"10.0.0.0/21", "10.0.0.0/29", "10.0.0.0/8", "203.0.113.0/24", "172.32.0.0/24",
        "169.254.0.0/24", "224.0.0.0/24", "127.0.0.0/24", "0.0.0.0/24"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(Cidr::parse_mesh(text).ok());
  }
  CHECK(Cidr::parse_mesh("127.77.0.0/24", Cidr::Use::development).ok());
  CHECK(Cidr::parse_mesh("10.0.0.0/24", Cidr::Use::development).ok());
  CHECK_FALSE(Cidr::parse_mesh("127.0.0.0/8", Cidr::Use::development).ok());
  CHECK_FALSE(Cidr::parse_mesh("203.0.113.0/24", Cidr::Use::development).ok());
}

}  // namespace
}  // namespace orama::mesh
