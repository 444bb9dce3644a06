#include "common/join/token.h"

#include <cstddef>
#include <string>

#include <doctest/doctest.h>

#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::join {
namespace {

JoinToken sample() {
  JoinToken token;
  token.invite = std::string("\x01\x02\x03\x04\x05\x06\x07\x08");
  token.secret = crypto::Secret(std::string(16, 's'));
  token.join_key = std::string(32, 'k');
  return token;
}

// Made with Python's hashlib.blake2b(digest_size=32) and base64.urlsafe_b64encode.
constexpr const char* kText =
    "orama1_AQECAwQFBgcIc3Nzc3Nzc3Nzc3Nzc3Nzc2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2tr7L4ZLA";

TEST_CASE("a token's text is 82 characters behind its prefix and reads back") {
  const std::string text = sample().to_text();
  CHECK(text.size() == 7 + 82);
  const auto token = JoinToken::parse(" \t" + text + "\n");
  REQUIRE(token.ok());
  CHECK(token->invite == sample().invite);
  CHECK(token->secret.reveal() == sample().secret.reveal());
  CHECK(token->join_key == sample().join_key);
  CHECK(invite_id(token->invite) == "AQIDBAUGBwg");
  CHECK(text == kText);
}

TEST_CASE("every edit of one character and every truncation is caught, and none is quoted") {
  const std::string text = sample().to_text();
  const std::string alphabet = "ABCXYZabcxyz0189-_+/= ";
  for (std::size_t i = 0; i < text.size(); ++i) {
    CHECK_FALSE(JoinToken::parse(text.substr(0, i)).ok());
    for (const char c : alphabet) {
      if (c == text[i]) {
        continue;
      }
      std::string changed = text;
      changed[i] = c;
      const auto parsed = JoinToken::parse(changed);
      REQUIRE_FALSE(parsed.ok());
      CHECK(parsed.error().full_message().find(text.substr(20, 10)) == std::string::npos);
    }
  }
  CHECK_FALSE(JoinToken::parse(text + "A").ok());
  CHECK_FALSE(JoinToken::parse(text + text).ok());
}

TEST_CASE("what is wrong is said") {
  const std::string text = sample().to_text();
  CHECK(JoinToken::parse("").error().message.find("orama1_") != std::string::npos);
  CHECK(JoinToken::parse(text.substr(0, 80)).error().message.find("cut off") != std::string::npos);
  std::string mistyped = text;
  mistyped[30] = mistyped[30] == 'A' ? 'B' : 'A';
  CHECK(JoinToken::parse(mistyped).error().message.find("mistyped") != std::string::npos);
}

}  // namespace
}  // namespace orama::join
