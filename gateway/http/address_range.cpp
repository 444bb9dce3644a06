#include "gateway/http/address_range.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"

namespace orama::gateway::http {

namespace {

// Bits of both that are equal, from the front.
bool equal_prefix(const mesh::IpAddress& a, const mesh::IpAddress& b, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if ((a.bytes().at(byte) & mask) != (b.bytes().at(byte) & mask)) {
      return false;
    }
  }
  return true;
}

bool has_host_bits(const mesh::IpAddress& address, int prefix) {
  const int width = address.is_v4() ? 32 : 128;
  for (int bit = prefix; bit < width; ++bit) {
    const int byte = address.bytes().at(static_cast<std::size_t>(bit / 8));
    if ((byte & (0x80 >> (bit % 8))) != 0) {
      return true;
    }
  }
  return false;
}

Error malformed(std::string_view text) {
  return make_error(Errc::invalid_argument,
                    "found `" + std::string(text) +
                        "`, expected an address or a range without host bits like 127.0.0.0/8");
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  Result<mesh::IpAddress> network = mesh::IpAddress::parse(text.substr(0, slash));
  if (!network.ok()) {
    return malformed(text);
  }
  AddressRange range;
  range.network_ = *network;
  const int width = network->is_v4() ? 32 : 128;
  range.prefix_ = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const char* first = digits.data();
    const char* last = first + digits.size();
    const auto [end, failure] = std::from_chars(first, last, range.prefix_);
    if (failure != std::errc() || end != last || range.prefix_ < 0 || range.prefix_ > width ||
        has_host_bits(range.network_, range.prefix_)) {
      return malformed(text);
    }
  }
  return range;
}

bool AddressRange::contains(const mesh::IpAddress& address) const {
  return address.is_v4() == network_.is_v4() && equal_prefix(address, network_, prefix_);
}

bool any_contains(const std::vector<AddressRange>& ranges, const mesh::IpAddress& address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace orama::gateway::http
