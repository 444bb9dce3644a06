#include "cli/join_token_source.h"

#include <cstddef>
#include <fstream>
#include <ios>
#include <istream>
#include <string>
#include <string_view>
#include <utility>

#include "common/join/token.h"
#include "common/result.h"

namespace orama::cli {
namespace {

constexpr std::string_view kPrefix = "orama1_";
constexpr std::size_t kMaxTokenBytes = 1024;  // of a file: more is not a token

Result<join::JoinToken> token_in(std::istream& stream, const std::string& where) {
  std::string text(kMaxTokenBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxTokenBytes) {
    return make_error(Errc::invalid_argument, "--token: " + where + " holds more than a token");
  }
  auto token = join::JoinToken::parse(text);
  return std::move(token).while_doing("--token, " + where);
}

}  // namespace

Result<join::JoinToken> read_token(const TokenSource& source) {
  if (!source.given) {
    return join::JoinToken::parse(source.environment).while_doing(kTokenVariable);
  }
  const std::string& word = *source.given;
  if (word == "-") {
    return token_in(source.input, "standard input");
  }
  if (word.starts_with(kPrefix)) {
    return join::JoinToken::parse(word).while_doing("--token");
  }
  const std::string path = word.starts_with('@') ? word.substr(1) : word;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    // The word is not repeated: it may be a token that was mistyped at its begin.
    return make_error(Errc::invalid_argument,
                      "--token: found neither a token (orama1_…) nor a file that can be read",
                      "give the token, the path of a file that holds it, or - for standard input");
  }
  return token_in(file, "the file");
}

}  // namespace orama::cli
