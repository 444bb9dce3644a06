#include "cli/join_url.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"

namespace orama::cli {

TEST_CASE("a node is named by name or address, with or without TLS and port") {
  for (const auto& [text, plain] : std::vector<std::pair<std::string, std::string>>{
           {"https://node1.example.com", "https://node1.example.com"},
           {"https://Node1.Example.com/", "https://node1.example.com"},
           {"http://203.0.113.11", "http://203.0.113.11"},
           {"http://203.0.113.11:1", "http://203.0.113.11:1"},
           {"https://[2001:DB8::1]:65535", "https://[2001:db8::1]:65535"},
           {"http://node1", "http://node1"}}) {
    CAPTURE(text);
    CHECK(parse_join_url(text).value() == plain);
  }
}

TEST_CASE("anything else is refused, and what may hold a password is not repeated") {
  for (const char* text :
       {"", "node1.example.com", "ftp://node1.example.com", "https://", "https:///",
        "https://a.example.com/path", "https://a.example.com?x=1", "https://a.example.com:0",
        "https://a.example.com:65536", "https://a.example.com:", "https://a.example.com:80x",
        "https://[::1", "https://::1", "https://[203.0.113.1]", "https://a b.example.com",
        "https://a.example.com\n", "https://user:PASS@a.example.com", "https://-.example.com"}) {
    CAPTURE(text);
    const auto url = parse_join_url(text);
    REQUIRE_FALSE(url.ok());
    CHECK(url.error().code == Errc::invalid_argument);
    CHECK(url.error().message.find("PASS") == std::string::npos);
  }
}

}  // namespace orama::cli
