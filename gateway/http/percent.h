// Percent-decoding of paths and queries (RFC 3986 section 2.1). Strict: a `%` without two hex
// digits, a NUL, or bytes that are not UTF-8 make the whole text invalid.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orama::gateway::http {

// Appends nothing on failure. An encoded `/` is refused too: a segment could not be told from two.
bool decode_path(std::string_view raw, std::string& out);

// `+` is a space, as forms write it.
std::optional<std::string> decode_query_text(std::string_view raw);

// Every `%` is followed by two hex digits.
bool has_valid_percent(std::string_view raw);

// The first value of `name` in a raw query, decoded.
std::optional<std::string> find_query_parameter(std::string_view query, std::string_view name);

bool is_utf8(std::string_view text);

}  // namespace orama::gateway::http
