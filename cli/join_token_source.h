// Where the token of `--token` comes from: the word itself, a file, or standard input; without the
// flag, the environment. The token is a secret: no error repeats any of it.
#pragma once

#include <istream>
#include <optional>
#include <string>

#include "common/join/token.h"
#include "common/result.h"

namespace orama::cli {

inline constexpr const char* kTokenVariable = "ORAMA_TOKEN";

struct TokenSource {
  std::optional<std::string> given;  // what stood behind --token
  std::string environment;           // ORAMA_TOKEN, "" when unset
  std::istream& input;               // read for `--token -`
};

// A word that begins as a token does is one; `-` is standard input; `@FILE` or a path is a file.
Result<join::JoinToken> read_token(const TokenSource& source);

}  // namespace orama::cli
