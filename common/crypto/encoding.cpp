#include "common/crypto/encoding.h"

#include <sodium.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::crypto {

namespace {

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

unsigned char* raw(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

std::string encode(std::string_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), raw(bytes), bytes.size(), variant);
  text.pop_back();  // the terminator, which the length counts
  return text;
}

// The text is never quoted in an error: it may be a secret.
Result<std::string> decode(std::string_view text, int variant, const char* expected) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const Error refused =
      make_error(Errc::invalid_argument,
                 "found " + std::to_string(text.size()) + " characters that are not " + expected);
  if (sodium_base642bin(raw(bytes), bytes.size(), text.data(), text.size(), nullptr, &length,
                        nullptr, variant) != 0) {
    return refused;
  }
  bytes.resize(length);
  // libsodium 1.0.18 takes some bytes above ASCII for letters (found by fuzzing), so the text is
  // compared with what it should be, in constant time as it may be a secret.
  if (!constant_time_equal(encode(bytes, variant), text)) {
    return refused;
  }
  return bytes;
}

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

// Digits of one base as digits of another, both least significant first, without leading zeros.
void add_digit(std::string& digits, unsigned from_base, unsigned to_base, unsigned digit) {
  unsigned carry = digit;
  for (char& place : digits) {
    carry += static_cast<unsigned char>(place) * from_base;
    place = static_cast<char>(carry % to_base);
    carry /= to_base;
  }
  while (carry > 0) {
    digits.push_back(static_cast<char>(carry % to_base));
    carry /= to_base;
  }
}

constexpr unsigned kByteBase = 256, kTextBase = 58;

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), raw(bytes), bytes.size());
  text.pop_back();
  return text;
}

Result<std::string> from_hex(std::string_view text) {
  std::string bytes(text.size() / 2 + 1, '\0');
  std::size_t length = 0;
  if (sodium_hex2bin(raw(bytes), bytes.size(), text.data(), text.size(), nullptr, &length,
                     nullptr) != 0) {
    return make_error(Errc::invalid_argument,
                      "found " + std::to_string(text.size()) +
                          " characters that are not hexadecimal (pairs of 0-9 and a-f)");
  }
  bytes.resize(length);
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  return encode(bytes, sodium_base64_VARIANT_ORIGINAL);
}

Result<std::string> from_base64(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_ORIGINAL, "padded base64 (RFC 4648 section 4)");
}

std::string to_base64url(std::string_view bytes) {
  return encode(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

Result<std::string> from_base64url(std::string_view text) {
  return decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING,
                "unpadded base64url (RFC 4648 section 5)");
}

std::string to_base58(std::string_view bytes) {
  const std::size_t zeros = std::min(bytes.find_first_not_of('\0'), bytes.size());
  std::string digits;
  for (const char byte : bytes.substr(zeros)) {
    add_digit(digits, kByteBase, kTextBase, static_cast<unsigned char>(byte));
  }
  std::string text(zeros, kBase58.front());
  std::transform(digits.rbegin(), digits.rend(), std::back_inserter(text),
                 [](char digit) { return kBase58[static_cast<unsigned char>(digit)]; });
  return text;
}

Result<std::string> from_base58(std::string_view text) {
  if (text.size() > kMaxBase58) {
    return make_error(Errc::invalid_argument, "found " + std::to_string(text.size()) +
                                                  " characters, expected base58 of at most " +
                                                  std::to_string(kMaxBase58));
  }
  const std::size_t zeros = std::min(text.find_first_not_of(kBase58.front()), text.size());
  std::string digits;
  for (const char letter : text.substr(zeros)) {
    const std::size_t value = kBase58.find(letter);
    if (value == std::string_view::npos) {
      return make_error(Errc::invalid_argument,
                        "found " + std::to_string(text.size()) + " characters that are not base58");
    }
    add_digit(digits, kTextBase, kByteBase, static_cast<unsigned>(value));
  }
  return std::string(zeros, '\0') + std::string(digits.rbegin(), digits.rend());
}

}  // namespace orama::crypto
