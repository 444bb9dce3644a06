#include "common/result.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <set>
#include <string>

namespace orama {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) {
    return make_error(Errc::invalid_argument,
                      "found " + std::to_string(number) + ", expected an even number");
  }
  return number / 2;
}

Result<int> quarter(int number) {
  TRY(once, half(number));
  TRY(twice, half(once));
  return twice;
}

Result<void> check_even(int number) {
  TRY_VOID(half(number));
  return {};
}

TEST_CASE("TRY hands the value on, or returns the error") {
  CHECK(quarter(8).value() == 2);
  const auto failed = quarter(6);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message == "found 3, expected an even number");
  CHECK(check_even(4).ok());
  CHECK(check_even(5).error().code == Errc::invalid_argument);
}

TEST_CASE("context is told from the outermost to the innermost") {
  auto failed = half(1).while_doing("installing caddy").while_doing("installing the node");
  CHECK(failed.error().full_message() ==
        "installing the node: installing caddy: found 1, expected an even number");
  CHECK(half(2).while_doing("nothing").value() == 1);
  CHECK(Error{}.full_message().empty());
}

TEST_CASE("value_or gives the other value only on failure") {
  CHECK(half(4).value_or(9) == 2);
  CHECK(half(3).value_or(9) == 9);
}

TEST_CASE("every code has a name of its own") {
  std::set<std::string> names;
  for (int code = 0; code <= static_cast<int>(Errc::too_large); ++code) {
    const std::string name(to_string(static_cast<Errc>(code)));
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
    names.insert(name);
  }
  CHECK(names.size() == static_cast<std::size_t>(Errc::too_large) + 1);
  CHECK(names.contains("quorum_refused"));
}

}  // namespace
}  // namespace orama
