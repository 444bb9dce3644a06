#include "common/crypto/encoding.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace orama::crypto {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("RFC 4648 section 10") {
  const Pairs base64{{"", ""},
                     {"f", "Zg=="},
                     {"fo", "Zm8="},
                     {"foo", "Zm9v"},
                     {"foob", "Zm9vYg=="},
                     {"fooba", "Zm9vYmE="},
                     {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : base64) {
    CAPTURE(std::string(text));
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text).value() == bytes);
    const std::string unpadded = text.substr(0, text.find('='));
    CHECK(to_base64url(bytes) == unpadded);
    CHECK(from_base64url(unpadded).value() == bytes);
  }
  CHECK(to_base64("\xfb\xff\xbf") == "+/+/");
  CHECK(to_base64url("\xfb\xff\xbf") == "-_-_");
  CHECK(to_hex("foobar") == "666f6f626172");
  CHECK(from_hex("666F6f626172").value() == "foobar");
  CHECK(from_hex("").value().empty());
}

TEST_CASE("every byte value survives each encoding") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
    CHECK(from_hex(to_hex(all)).value() == all);
    CHECK(from_base64(to_base64(all)).value() == all);
    CHECK(from_base64url(to_base64url(all)).value() == all);
  }
}

TEST_CASE("decoders refuse every second spelling, and quote nothing") {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9", "Zm9=", "Zm 9v", "Zm9v\n", " Zm9v",
                           "-_-_", "Zm9v=", "=", "====", "Zg==Zg==", "\xc3\xa9"}) {
    CAPTURE(std::string(text));
    const auto bytes = from_base64(text);
    REQUIRE_FALSE(bytes.ok());
    CHECK(bytes.error().code == Errc::invalid_argument);
    CHECK(bytes.error().message.find(text) == std::string::npos);
  }
  for (const char* text : {"Zg==", "Zh", "Zm9", "A", "+/+/", "Zm9v\n", "Zm 9v"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(from_base64url(text).ok());
  }
  for (const char* text : {"6", "6g", "0x66", "66 66", "66:66", "6666\n", "-6"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(from_hex(text).ok());
  }
  CHECK_FALSE(from_base64(std::string("Zm9v\0", 5)).ok());
}

TEST_CASE("no byte outside of the alphabet passes for a letter") {
  for (int byte = 0; byte < 256; ++byte) {
    std::string text = "Zm9v";
    text[1] = static_cast<char>(byte);
    const bool shared = byte < 0x80 && std::isalnum(byte) != 0;
    CAPTURE(byte);
    CHECK(from_base64(text).ok() == (shared || byte == '+' || byte == '/'));
    CHECK(from_base64url(text).ok() == (shared || byte == '-' || byte == '_'));
    CHECK(from_hex(text.substr(1, 1) + "0").ok() == (byte < 0x80 && std::isxdigit(byte) != 0));
  }
}

TEST_CASE("base58 as draft-msporny-base58 has it, and at its limit") {
  CHECK(to_base58("") == "");
  CHECK(to_base58("Hello World!") == "2NEpo7TZRRrLZSi2U");
  CHECK(to_base58(std::string("\0\0\x28\x7f\xb4\xcd", 6)) == "11233QC4");
  CHECK(from_base58("11233QC4").value() == std::string("\0\0\x28\x7f\xb4\xcd", 6));
  CHECK(from_base58("").value() == "");
  for (const char* bad : {"0", "O", "I", "l", "2NEpo7TZRRrLZSi2U ", "\xff"}) {
    CHECK_FALSE(from_base58(bad).ok());
  }
  CHECK(from_base58(std::string(kMaxBase58, '1')).ok());
  CHECK_FALSE(from_base58(std::string(kMaxBase58 + 1, '1')).ok());
}

}  // namespace
}  // namespace orama::crypto
