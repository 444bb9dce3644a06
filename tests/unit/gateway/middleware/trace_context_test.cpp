#include "gateway/middleware/trace_context.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "common/crypto/random.h"

namespace orama::gateway::middleware {

namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";

class Constant final : public crypto::Random {
 public:
  explicit Constant(char byte) : byte_(byte) {}
  std::string bytes(std::size_t count) override { return std::string(count, byte_); }

 private:
  char byte_;
};

}  // namespace

TEST_CASE("which values are continued") {
  const std::string rest = kTrace + "-" + kSpan;
  for (const std::string& good : {"00-" + rest + "-00", "00-" + rest + "-01", "00-" + rest + "-ff",
                                  "01-" + rest + "-01", "cc-" + rest + "-01-what-comes-later"}) {
    CAPTURE(good);
    REQUIRE(parse_traceparent(good));
    CHECK(parse_traceparent(good)->trace_id == kTrace);
  }
  CHECK(parse_traceparent("00-" + rest + "-01")->sampled);
  CHECK(parse_traceparent("00-" + rest + "-03")->sampled);
  CHECK_FALSE(parse_traceparent("00-" + rest + "-02")->sampled);
  const std::string zeros(32, '0');
  const std::vector<std::string> malformed = {
      "",
      "00-" + rest,
      "00-" + rest + "-1",
      "00-" + rest + "-001",
      "ff-" + rest + "-01",
      "00-" + rest + "-01-x",
      "01-" + rest + "-01x",
      "0-" + rest + "-01",
      "zz-" + rest + "-01",
      "00_" + rest + "-01",
      "00-" + zeros + "-" + kSpan + "-01",
      "00-" + kTrace + "-" + zeros.substr(0, 16) + "-01",
      "00-" + kTrace + "_" + kSpan + "-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01",
      "00-" + rest + "-0g",
      " 00-" + rest + "-01"};
  for (const std::string& bad : malformed) {
    CAPTURE(bad);
    CHECK_FALSE(parse_traceparent(bad));
  }
}

TEST_CASE("a value is passed on with a new span, or made") {
  Constant random('\xAB');
  const std::string given = "00-" + kTrace + "-" + kSpan + "-01";
  CHECK(next_traceparent({{"TraceParent", given}}, random) ==
        "00-" + kTrace + "-abababababababab-01");
  const std::string fresh = "00-abababababababababababababababab-abababababababab-00";
  CHECK(next_traceparent({}, random) == fresh);
  CHECK(next_traceparent({{"traceparent", "garbage"}}, random) == fresh);
  CHECK(next_traceparent({{"traceparent", given}, {"traceparent", given}}, random) == fresh);
  CHECK(trace_id_of(fresh) == "abababababababababababababababab");
  Constant zero('\0');
  CHECK(parse_traceparent(next_traceparent({}, zero)));  // never the invalid ids
}

}  // namespace orama::gateway::middleware
