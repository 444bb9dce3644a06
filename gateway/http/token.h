// Character classes of RFC 9110 and RFC 3986, as tables.
#pragma once

#include <array>
#include <string_view>

namespace orama::gateway::http {

namespace token_detail {

constexpr std::array<bool, 256> make_table(std::string_view extra) {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  for (const char c : extra) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}

inline constexpr auto kToken = make_table("!#$%&'*+-.^_`|~");
// reg-name, IPv4 and IPv6 literals with a port; no comma, so that a list of hosts is none.
inline constexpr auto kHost = make_table("-._~%!$&'()*+;=:[]");

}  // namespace token_detail

constexpr bool is_token_char(char c) {
  return token_detail::kToken[static_cast<unsigned char>(c)];
}
constexpr bool is_host_char(char c) {
  return token_detail::kHost[static_cast<unsigned char>(c)];
}

constexpr bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_char(c)) {
      return false;
    }
  }
  return !text.empty();
}

}  // namespace orama::gateway::http
