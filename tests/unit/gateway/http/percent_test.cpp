#include "gateway/http/percent.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orama::gateway::http {

TEST_CASE("query parameters: the first of a name, decoded") {
  struct Row {
    std::string_view query, name;
    std::optional<std::string> value;
  };
  const std::vector<Row> rows{
      {"domain=node1.example.com", "domain", "node1.example.com"},
      {"a=1&b=2&a=3", "a", "1"},
      {"a=1&b=2", "b", "2"},
      {"a=1&b=2", "c", std::nullopt},
      {"ab=1", "a", std::nullopt},
      {"a", "a", ""},
      {"a=", "a", ""},
      {"a=b=c", "a", "b=c"},
      {"a=x+y%2B%26", "a", "x y+&"},
      {"%61=1", "a", "1"},
      {"a=%C3%A9", "a", "\xC3\xA9"},
      {"a=%C3", "a", std::nullopt},
      {"a=%", "a", std::nullopt},
      {"a=%00", "a", std::nullopt},
      {"", "a", std::nullopt},
      {"&&a=1", "a", "1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.query);
    CHECK(find_query_parameter(row.query, row.name) == row.value);
  }
}

TEST_CASE("UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF") {
  for (const std::string_view good :
       {"", "abc", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const std::string_view bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xE2\x82\x41"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
  }
}

}  // namespace orama::gateway::http
