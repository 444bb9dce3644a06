#include "common/mesh/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "common/result.h"

namespace orama::mesh {

namespace {

bool in_v4(std::uint32_t address, std::uint32_t network, int prefix) {
  return (address >> (32 - prefix)) == (network >> (32 - prefix));
}

constexpr std::uint32_t v4_of(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24U | b << 16U | c << 8U | d;
}

std::uint32_t mask_of(int prefix) {
  return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
}

bool is_v4_mapped(const std::array<std::uint8_t, 16>& bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; }) &&
         bytes[10] == 0xFF && bytes[11] == 0xFF;
}

// Foreign text in a message: cut, so that a message stays one.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 64;
  return "\"" + std::string(text.substr(0, kShown)) + (text.size() > kShown ? "…\"" : "\"");
}

Error bad_address(std::string_view text) {
  return make_error(
      Errc::invalid_argument,
      "found " + quoted(text) + ", expected an IP address such as 203.0.113.11 or 2001:db8::11");
}

Error bad_range(std::string_view text, const char* expected) {
  return make_error(Errc::invalid_argument, "found " + quoted(text) + ", expected " + expected);
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN ||
      text.find('\0') != std::string_view::npos) {
    return bad_address(text);
  }
  in_addr v4{};
  if (::inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    return from_v4(ntohl(v4.s_addr));
  }
  IpAddress address;
  address.v4_ = false;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) != 1) {
    return bad_address(text);
  }
  if (is_v4_mapped(address.bytes_)) {
    return from_v4(
        v4_of(address.bytes_[12], address.bytes_[13], address.bytes_[14], address.bytes_[15]));
  }
  return address;
}

IpAddress IpAddress::from_v4(std::uint32_t host_order) {
  IpAddress address;
  for (unsigned i = 0; i < 4; ++i) {
    address.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

std::uint32_t IpAddress::v4() const {
  ORAMA_ASSERT(v4_);
  return v4_of(bytes_[0], bytes_[1], bytes_[2], bytes_[3]);
}

bool IpAddress::is_loopback() const {
  if (v4_) {
    return bytes_[0] == 127;
  }
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; }) &&
         bytes_[15] == 1;
}

bool IpAddress::is_link_local() const {
  if (v4_) {
    return bytes_[0] == 169 && bytes_[1] == 254;
  }
  return bytes_[0] == 0xFE && (bytes_[1] & 0xC0U) == 0x80;
}

bool IpAddress::is_multicast() const {
  return v4_ ? (bytes_[0] & 0xF0U) == 0xE0 : bytes_[0] == 0xFF;
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_private() const {
  if (!v4_) {
    return (bytes_[0] & 0xFEU) == 0xFC;
  }
  const std::uint32_t a = v4();
  return in_v4(a, v4_of(10, 0, 0, 0), 8) || in_v4(a, v4_of(172, 16, 0, 0), 12) ||
         in_v4(a, v4_of(192, 168, 0, 0), 16) || in_v4(a, v4_of(100, 64, 0, 0), 10);
}

bool IpAddress::is_public() const {
  if (is_loopback() || is_link_local() || is_multicast() || is_unspecified() || is_private()) {
    return false;
  }
  if (!v4_) {
    return (bytes_[0] & 0xE0U) == 0x20;
  }
  const std::uint32_t a = v4();
  return !in_v4(a, v4_of(0, 0, 0, 0), 8) && !in_v4(a, v4_of(192, 0, 0, 0), 24) &&
         !in_v4(a, v4_of(198, 18, 0, 0), 15) && !in_v4(a, v4_of(240, 0, 0, 0), 4);
}

std::string IpAddress::to_string() const {
  if (v4_) {  // of every request: without inet_ntop, which formats by printf
    return std::to_string(bytes_[0]) + '.' + std::to_string(bytes_[1]) + '.' +
           std::to_string(bytes_[2]) + '.' + std::to_string(bytes_[3]);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* done =
      ::inet_ntop(AF_INET6, bytes_.data(), text.data(), static_cast<socklen_t>(text.size()));
  ORAMA_ASSERT(done != nullptr);
  return done;
}

std::string IpAddress::for_url() const {
  return v4_ ? to_string() : "[" + to_string() + "]";
}

Result<Cidr> Cidr::parse(std::string_view text) {
  constexpr const char* kExpected = "an IPv4 range without host bits such as 10.0.0.0/24";
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return bad_range(text, kExpected);
  }
  const auto address = IpAddress::parse(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  int prefix = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  const bool number = error == std::errc{} && end == digits.data() + digits.size() &&
                      std::to_string(prefix) == digits;  // no sign, no leading zero
  if (!address.ok() || !address->is_v4() || text.find(':') != std::string_view::npos || !number ||
      prefix < 0 || prefix > 32 || (address->v4() & ~mask_of(prefix)) != 0) {
    return bad_range(text, kExpected);
  }
  Cidr range;
  range.network_ = address->v4();
  range.prefix_ = prefix;
  return range;
}

Result<Cidr> Cidr::parse_mesh(std::string_view text, Use use) {
  TRY(range, parse(text));
  // Both ends need no look: no private range is smaller than a /22.
  const bool allowed =
      range.network().is_private() || (use == Use::development && range.network().is_loopback());
  if (!allowed || range.prefix() < 22 || range.prefix() > 28) {
    return bad_range(text, "a private IPv4 range from /22 to /28 such as 10.0.0.0/24");
  }
  return range;
}

std::uint32_t Cidr::host_count() const {
  return prefix_ > 30 ? 0 : ~mask_of(prefix_) - 1;
}

IpAddress Cidr::host(std::uint32_t n) const {
  ORAMA_ASSERT(n >= 1 && n <= host_count());
  return IpAddress::from_v4(network_ + n);
}

bool Cidr::contains(const IpAddress& address) const {
  return address.is_v4() && (address.v4() & mask_of(prefix_)) == network_;
}

bool Cidr::overlaps(const Cidr& other) const {
  return contains(other.network()) || other.contains(network());
}

std::string Cidr::to_string() const {
  return network().to_string() + "/" + std::to_string(prefix_);
}

}  // namespace orama::mesh
