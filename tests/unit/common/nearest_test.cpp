#include "common/nearest.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace orama {
namespace {

TEST_CASE("the nearest known word is found, and none where nothing is near") {
  const std::vector<std::string> known{"install", "uninstall", "status", "start",
                                       "stop",    "mesh",      "ip"};
  CHECK(nearest_word("instal", known) == "install");
  CHECK(nearest_word("isntall", known) == "install");
  CHECK(nearest_word("statsu", known) == "status");
  CHECK(nearest_word("stort", known) == "start");  // the first of two equally near
  CHECK(nearest_word("status", known) == "status");
  CHECK(nearest_word("uninstal", known) == "uninstall");
  CHECK_FALSE(nearest_word("frobnicate", known).has_value());
  CHECK_FALSE(nearest_word("", known).has_value());
  CHECK_FALSE(nearest_word("xyz", known).has_value());
  CHECK_FALSE(nearest_word("x", {"a"}).has_value());
  CHECK_FALSE(nearest_word("install", {}).has_value());
  CHECK_FALSE(nearest_word(std::string(65, 'a'), {std::string(64, 'a')}).has_value());
}

}  // namespace
}  // namespace orama
