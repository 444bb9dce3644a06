#include "gateway/backends/rqlite_statement.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {
namespace {

std::vector<Statement> one(std::string sql, std::vector<Value> values = {}) {
  std::vector<Statement> statements;
  statements.emplace_back(std::move(sql), std::move(values));
  return statements;
}

TEST_CASE("texts that rqlite would bind as blobs are told apart") {
  for (const std::string_view blob :
       {"x''", "X''", "x'00'", "X'aBcD'", " x'00' ", "\t\nx'00'\r\n", "\xc2\xa0x'00'"}) {
    CAPTURE(blob);
    CHECK(reads_like_blob(blob));
  }
  for (const std::string_view text :
       {"", "x", "x'", "x'0'", "x'0g'", "ax'00'", "x'00'b", "x 00", "y'00'", "x\"00\""}) {
    CAPTURE(text);
    CHECK(!reads_like_blob(text));
  }
}

TEST_CASE("statements become rqlite's JSON") {
  struct Case {
    std::vector<Statement> statements;
    std::string_view json;
  };
  const std::vector<Case> cases = {
      {one("SELECT 1"), R"json([["SELECT 1"]])json"},
      {one("SELECT ?, ?, ?", {Value(INT64_MIN), Value(nullptr), Value(std::string("a\"b"))}),
       R"json([["SELECT ?, ?, ?",-9223372036854775808,null,"a\"b"]])json"},
      {one("SELECT ?, '?', \"?\", ? -- ?", {Value(std::string("x'01'")), Value(std::string("y"))}),
       R"json([["SELECT CAST(? AS TEXT), '?', \"?\", ? -- ?",[120,39,48,49,39],"y"]])json"},
      {one("SELECT '?''?', /* ? */ ?", {Value(std::string("x''"))}),
       R"json([["SELECT '?''?', /* ? */ CAST(? AS TEXT)",[120,39,39]]])json"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    auto encoded = encode_statements(c.statements);
    REQUIRE(encoded.ok());
    CHECK(*encoded == c.json);
  }
  for (const auto& wrong :
       {one("SELECT ?"), one("SELECT 1", {Value(nullptr)}), one("SELECT '?'", {Value(nullptr)}),
        one("SELECT ?", {Value(std::string("\xff not UTF-8"))})}) {
    auto encoded = encode_statements(wrong);
    REQUIRE(!encoded.ok());
    CHECK(encoded.error().code == Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace orama::gateway::backends
