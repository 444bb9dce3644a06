// The token of an invitation (join.md, Token): "orama1_" and base64url of 61 bytes. Whoever has it
// can redeem the invitation once and tell the cluster's answer from a forgery. It is a secret: it
// stands in no log, error or file.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::join {

struct JoinToken {
  std::string invite;     // 8 bytes, not secret: names the invitation
  crypto::Secret secret;  // 16 bytes
  std::string join_key;   // the cluster's X25519 public key, 32 bytes

  std::string to_text() const;
  // Blanks around it are dropped. invalid_argument says what is wrong with it without quoting it:
  // every truncation and every edit of one character is caught by the checksum.
  static Result<JoinToken> parse(std::string_view text);
};

// The invitation's id as routes, lists and people have it: base64url, 11 characters.
std::string invite_id(std::string_view invite);

}  // namespace orama::join
