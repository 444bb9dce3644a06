#include "cli/session.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"

namespace orama::cli {

TEST_CASE("who is not root gets the sudo form of the very command") {
  Caller caller;
  caller.program = "orama";
  caller.words = {"install", "--vps-ip", "203.0.113.11", "--name", "two words"};
  const Error error = needs_root_error(caller, "`orama install`");
  CHECK(error.code == Errc::needs_root);
  CHECK(error.hint == "sudo orama install --vps-ip 203.0.113.11 --name 'two words'");
  caller.program = "./build/cli/orama";
  CHECK(needs_root_error(caller, "x").hint.starts_with("sudo ./build/cli/orama install "));
}

TEST_CASE("a token is not repeated in the command to type") {
  Caller caller;
  caller.program = "orama";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"install", "--token", "orama1_SECRET", "--name", "a"},
        std::vector<std::string>{"install", "--token=SECRET", "--name", "a"},
        std::vector<std::string>{"install", "--token", "oram1_SECRET", "--name", "a"}}) {
    caller.words = words;
    const std::string hint = needs_root_error(caller, "x").hint;
    CHECK(hint.find("SECRET") == std::string::npos);
    CHECK(hint.find("TOKEN --name a") != std::string::npos);
  }
}

}  // namespace orama::cli
