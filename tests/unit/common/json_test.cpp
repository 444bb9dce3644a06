#include "common/json.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace orama {
namespace {

TEST_CASE("documents are read; of equal keys the last counts") {
  CHECK(parse_json(R"({"a": 1, "a": 2, "b": "]["})").value().dump() == R"({"a":2,"b":"]["})");
  CHECK(parse_json("null").value().is_null());
  CHECK(parse_json("9223372036854775807").value().get<std::int64_t>() == INT64_MAX);
}

TEST_CASE("what is no JSON is refused with the place and without the text") {
  for (const char* text : {"", "{", "[1,]", "{\"a\":}", "tru", "{} {}", "\"\xff\"", "\"\\ud800\"",
                           "'a'", "01", "[1e999]", "NaN", "\"a\nb\"", "// c\n1", "[hunter2]"}) {
    CAPTURE(std::string(text));
    const auto parsed = parse_json(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == Errc::invalid_argument);
    CHECK(parsed.error().message.find("hunter2") == std::string::npos);
  }
  CHECK(parse_json("[1, x]").error().message == "found text that is not JSON at byte 5");
}

TEST_CASE("64 levels are taken, 65 are refused, brackets inside text do not count") {
  CHECK(parse_json(std::string(64, '[') + std::string(64, ']')).ok());
  CHECK(parse_json(std::string(65, '[') + std::string(65, ']')).error().message ==
        "found JSON nested deeper than 64 levels");
  CHECK(parse_json("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"").ok());
  CHECK_FALSE(parse_json(std::string(1'000'000, '[')).ok());
}

}  // namespace
}  // namespace orama
