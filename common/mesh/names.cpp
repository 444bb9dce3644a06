#include "common/mesh/names.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/crypto/encoding.h"
#include "common/result.h"

namespace orama::mesh {

namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestDomain = 253;
constexpr std::size_t kKeyBytes = 32;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c);
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && is_letter_or_digit(text.front()) &&
         is_letter_or_digit(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter_or_digit(c) || c == '-';
         });
}

Error refused(std::string_view text, const std::string& expected) {
  constexpr std::size_t kShown = 80;  // foreign text: a message stays one
  return make_error(Errc::invalid_argument, "found \"" + std::string(text.substr(0, kShown)) +
                                                (text.size() > kShown ? "…" : "") +
                                                "\", expected " + expected);
}

const unsigned char* raw(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Below 2^255 - 19, with the top bit clear.
bool is_canonical_x25519(const std::string& key) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(key[i]); };
  if (byte(31) != 0x7F) {
    return byte(31) < 0x7F;
  }
  for (std::size_t i = 30; i > 0; --i) {
    if (byte(i) != 0xFF) {
      return true;
    }
  }
  return byte(0) < 0xED;
}

Result<std::string> decode_key(std::string_view base64, const char* kind) {
  auto key = crypto::from_base64(base64);
  if (!key.ok() || key->size() != kKeyBytes) {
    return refused(base64, std::string(kind) + ": 32 bytes in base64, 44 characters");
  }
  return key;
}

}  // namespace

Result<std::string> parse_node_name(std::string_view text) {
  if (!is_label(text)) {
    return refused(text, "1 to 63 of a-z, 0-9 and -, no - at either end");
  }
  return std::string(text);
}

Result<std::string> parse_id(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
      });
  if (!good) {
    return refused(text, "1 to 64 of A-Z, a-z, 0-9, _ and -");
  }
  return std::string(text);
}

Result<std::string> parse_role(std::string_view text) {
  if (text != "nameserver" && text != "relay") {
    return refused(text, "nameserver or relay");
  }
  return std::string(text);
}

Result<std::string> parse_domain(std::string_view text) {
  constexpr const char* kExpected = "a domain such as node1.example.com";
  std::string domain(text.substr(0, kLongestDomain + 2));
  if (domain.ends_with('.')) {
    domain.pop_back();
  }
  std::transform(domain.begin(), domain.end(), domain.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (domain.size() > kLongestDomain) {
    return refused(text, "at most 253 characters");
  }
  std::size_t labels = 0;
  std::string_view last;
  std::string_view rest = domain;
  while (true) {
    const auto dot = rest.find('.');
    last = rest.substr(0, dot);
    if (!is_label(last)) {
      return refused(text, kExpected);
    }
    ++labels;
    if (dot == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(dot + 1);
  }
  if (labels < 2 || std::all_of(last.begin(), last.end(), is_digit)) {
    return refused(text, kExpected);
  }
  return domain;
}

std::string parent_domain(std::string_view domain) {
  const auto dot = domain.find('.');
  if (dot == std::string_view::npos || domain.find('.', dot + 1) == std::string_view::npos) {
    return std::string(domain);
  }
  return std::string(domain.substr(dot + 1));
}

Result<std::string> parse_wireguard_key(std::string_view base64) {
  constexpr const char* kKind = "a WireGuard public key";
  TRY(key, decode_key(base64, kKind));
  // Any scalar shows a low-order point: the product is zero, which libsodium reports.
  std::array<unsigned char, kKeyBytes> scalar{};
  scalar[0] = 8;
  std::array<unsigned char, kKeyBytes> product{};
  if (!is_canonical_x25519(key) ||
      crypto_scalarmult(product.data(), scalar.data(), raw(key)) != 0) {
    return refused(base64,
                   std::string(kKind) + " (this one is zero, of low order or not canonical)");
  }
  return key;
}

Result<std::string> parse_node_key(std::string_view base64) {
  constexpr const char* kKind = "an Ed25519 public key";
  TRY(key, decode_key(base64, kKind));
  if (crypto_core_ed25519_is_valid_point(raw(key)) != 1) {
    return refused(base64,
                   std::string(kKind) + " (this one is no point of the curve's main subgroup)");
  }
  return key;
}

}  // namespace orama::mesh
