#include "cli/join_token_source.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "common/crypto/secret.h"
#include "common/join/token.h"
#include "common/result.h"
#include "tests/support/temporary_folder.h"

namespace orama::cli {
namespace {

std::string sample_token() {
  return join::JoinToken{std::string(8, 'i'), crypto::Secret(std::string(16, 's')),
                         std::string(32, '\x09')}
      .to_text();
}

Result<join::JoinToken> read(std::optional<std::string> given, const std::string& environment = "",
                             const std::string& input = "") {
  std::istringstream stream(input);
  return read_token({std::move(given), environment, stream});
}

}  // namespace

TEST_CASE("a token is taken as a word, from standard input, a file or the environment") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() + "/token";
  std::ofstream(path) << sample_token() << "\n";
  CHECK(read(sample_token()).value().invite == std::string(8, 'i'));
  CHECK(read("-", "", sample_token() + "\n").ok());
  CHECK(read(path).ok());
  CHECK(read("@" + path).ok());
  CHECK(read({}, sample_token()).ok());
}

TEST_CASE("a wrong token is a usage error that repeats nothing of it") {
  std::string mistyped = sample_token();
  mistyped[20] = mistyped[20] == 'A' ? 'B' : 'A';
  for (const auto& result :
       {read(mistyped), read("-", "", mistyped), read("-", "", ""), read({}, mistyped),
        read("oram1_" + mistyped), read("/nonexistent/" + mistyped),
        read("-", "", std::string(1025, 'a'))}) {
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::invalid_argument);
    const std::string words = result.error().full_message() + result.error().hint;
    CHECK(words.find(mistyped.substr(7, 20)) == std::string::npos);
  }
}

}  // namespace orama::cli
