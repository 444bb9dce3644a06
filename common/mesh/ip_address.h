// IP addresses and ranges as values: parsed once, then compared and printed, never handled as text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::mesh {

class IpAddress {
 public:
  // Literal only (RFC 4291 text for v6, dotted quad for v4); no zone, no brackets, no name.
  // ::ffff:a.b.c.d becomes the IPv4 address that it means, so that no rule is passed by in its
  // disguise.
  static Result<IpAddress> parse(std::string_view text);
  static IpAddress from_v4(std::uint32_t host_order);

  bool is_v4() const { return v4_; }
  bool is_v6() const { return !v4_; }
  std::uint32_t v4() const;  // host order; asserts is_v4()
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }  // v4: first four
  bool is_loopback() const;
  bool is_link_local() const;
  bool is_multicast() const;
  bool is_unspecified() const;
  bool is_private() const;  // RFC 1918, RFC 6598 (100.64/10), fc00::/7
  // None of the above and none that the Internet does not route (0/8, 192.0.0/24, 198.18/15, 240/4;
  // v6: only 2000::/3). Documentation ranges count as public: tests and examples use them as
  // stand-ins.
  bool is_public() const;
  std::string to_string() const;  // canonical (RFC 5952)
  std::string for_url() const;    // [v6] in brackets
  auto operator<=>(const IpAddress&) const = default;

 private:
  bool v4_ = true;
  std::array<std::uint8_t, 16> bytes_{};
};

// An IPv4 range with no host bits set, e.g. 10.0.0.0/24.
class Cidr {
 public:
  static Result<Cidr> parse(std::string_view text);
  // A range a mesh may have: private IPv4, /22 to /28 (architecture.md 13); inside 127.0.0.0/8 only
  // when `development`.
  enum class Use { production, development };
  static Result<Cidr> parse_mesh(std::string_view text, Use use = Use::production);

  IpAddress network() const { return IpAddress::from_v4(network_); }
  int prefix() const { return prefix_; }
  std::uint32_t host_count() const;       // usable addresses: without network and broadcast
  IpAddress host(std::uint32_t n) const;  // 1-based; asserts 1 <= n <= host_count()
  bool contains(const IpAddress& address) const;
  bool overlaps(const Cidr& other) const;
  std::string to_string() const;
  auto operator<=>(const Cidr&) const = default;

 private:
  std::uint32_t network_ = 0;
  int prefix_ = 0;
};

}  // namespace orama::mesh
