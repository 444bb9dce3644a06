#include "cli/session.h"

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

}  // namespace orama::cli
