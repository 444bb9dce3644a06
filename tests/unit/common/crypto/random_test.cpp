#include "common/crypto/random.h"
#include "common/clock.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

namespace orama::crypto {
namespace {

class Filled final : public Random {
 public:
  explicit Filled(char fill) : fill_(fill) {}
  std::string bytes(std::size_t count) override { return std::string(count, fill_); }

 private:
  char fill_;
};

TEST_CASE("a UUIDv7 carries the time, version and variant of RFC 9562") {
  // The example of RFC 9562, appendix A.6: 2022-02-22T14:22:22-05:00.
  const WallTime time(std::chrono::milliseconds(0x017F22E279B0));
  Filled ones('\xff');
  CHECK(make_uuid_v7(ones, time) == "017f22e2-79b0-7fff-bfff-ffffffffffff");
  Filled zeros('\0');
  CHECK(make_uuid_v7(zeros, time) == "017f22e2-79b0-7000-8000-000000000000");
}

TEST_CASE("ids of later milliseconds sort later, ids of one differ") {
  SystemRandom random;
  const WallTime time(std::chrono::milliseconds(1795540412041));
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.insert(make_uuid_v7(random, time));
  }
  CHECK(ids.size() == 100);
  CHECK(*ids.rbegin() < make_uuid_v7(random, time + std::chrono::milliseconds(1)));
}

TEST_CASE("the machine's randomness has the length asked for and does not repeat") {
  SystemRandom random;
  CHECK(random.bytes(0).empty());
  CHECK(random.bytes(33).size() == 33);
  CHECK(random.bytes(32) != random.bytes(32));
}

}  // namespace
}  // namespace orama::crypto
