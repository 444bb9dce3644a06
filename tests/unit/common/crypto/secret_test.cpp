#include "common/crypto/secret.h"

#include <doctest/doctest.h>

#include <new>  // NOLINT(misc-include-cleaner): placement new
#include <string>
#include <string_view>
#include <utility>

namespace orama::crypto {
namespace {

// Long enough for the heap, and short enough to lie inside of the string object.
const std::string kLong = "a-secret-of-more-than-sixteen-bytes";
const std::string kShort = "short-secret";

TEST_CASE("moving takes the bytes along and leaves none behind") {
  for (const std::string& bytes : {kLong, kShort}) {
    Secret first{std::string(bytes)};
    Secret second(std::move(first));
    CHECK(second.reveal() == bytes);
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is what is asked
    Secret third;
    third = std::move(second);
    CHECK(third.reveal() == bytes);
    CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
  }
}

TEST_CASE("copies are their own, also of themselves") {
  Secret first{std::string(kLong)};
  Secret second(first);
  first = Secret(std::string(kShort));
  CHECK(second.reveal() == kLong);
  const Secret& same = second;
  second = same;
  CHECK(second.reveal() == kLong);
}

// Looks at an object's storage after its end, which only a short string allows: its bytes lie
// inside.
TEST_CASE("the bytes are gone when the object is") {
  alignas(Secret) char storage[sizeof(Secret)] = {};
  auto* secret = new (storage) Secret(std::string(kShort));
  REQUIRE(std::string_view(storage, sizeof(storage)).find(kShort) != std::string_view::npos);
  secret->~Secret();
  CHECK(std::string_view(storage, sizeof(storage)).find(kShort.substr(0, 4)) ==
        std::string_view::npos);
}

TEST_CASE("equality") {
  CHECK(constant_time_equal("", ""));
  CHECK(constant_time_equal("abc", "abc"));
  CHECK_FALSE(constant_time_equal("abc", "abd"));
  CHECK_FALSE(constant_time_equal("abc", "ab"));
  CHECK_FALSE(constant_time_equal("", "a"));
  CHECK_FALSE(constant_time_equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace orama::crypto
