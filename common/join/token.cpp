#include "common/join/token.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/crypto/encoding.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::join {
namespace {

constexpr std::string_view kPrefix = "orama1_";
constexpr char kVersion = '\x01';
constexpr std::size_t kInviteBytes = 8, kSecretBytes = 16, kKeyBytes = 32, kChecksumBytes = 4;
constexpr std::size_t kBodyBytes = 1 + kInviteBytes + kSecretBytes + kKeyBytes;
constexpr std::size_t kTextBytes = (kBodyBytes + kChecksumBytes) * 8 / 6 + 1;  // unpadded
static_assert(kTextBytes == 82);

std::string checksum(std::string_view body) {
  return crypto::blake2b_256(body).substr(0, kChecksumBytes);
}

Error not_a_token(const std::string& what) {
  return make_error(Errc::invalid_argument, "the token " + what,
                    "copy it whole from what `orama invite` printed: orama1_ and 82 characters");
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::string JoinToken::to_text() const {
  ORAMA_ASSERT(invite.size() == kInviteBytes && secret.reveal().size() == kSecretBytes &&
               join_key.size() == kKeyBytes);
  std::string body;
  body.reserve(kBodyBytes + kChecksumBytes);
  body += kVersion;
  body += invite;
  body += secret.reveal();
  body += join_key;
  body += checksum(body);
  const crypto::Secret wiped(body);
  return std::string(kPrefix) + crypto::to_base64url(wiped.reveal());
}

Result<JoinToken> JoinToken::parse(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with(kPrefix)) {
    return not_a_token("does not begin with orama1_");
  }
  text.remove_prefix(kPrefix.size());
  if (text.size() != kTextBytes) {
    return not_a_token("is " + std::string(text.size() < kTextBytes ? "cut off" : "too long") +
                       ": found " + std::to_string(text.size()) +
                       " characters behind orama1_, expected 82");
  }
  auto decoded = crypto::from_base64url(text);
  if (!decoded.ok() || decoded->size() != kBodyBytes + kChecksumBytes) {
    return not_a_token("is mistyped: it holds a character that no token has");
  }
  const crypto::Secret whole(std::move(decoded).value());
  const std::string_view bytes = whole.reveal();
  const std::string_view body = bytes.substr(0, kBodyBytes);
  if (checksum(body) != bytes.substr(kBodyBytes)) {
    return not_a_token("is mistyped: its checksum does not fit");
  }
  if (body.front() != kVersion) {
    return not_a_token("is of a version that this orama does not know");
  }
  JoinToken token;
  token.invite = body.substr(1, kInviteBytes);
  token.secret = crypto::Secret(std::string(body.substr(1 + kInviteBytes, kSecretBytes)));
  token.join_key = body.substr(1 + kInviteBytes + kSecretBytes);
  return token;
}

std::string invite_id(std::string_view invite) {
  return crypto::to_base64url(invite);
}

}  // namespace orama::join
