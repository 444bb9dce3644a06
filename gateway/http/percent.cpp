#include "gateway/http/percent.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orama::gateway::http {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

// The byte that `raw[at..at+2]` encodes, or -1.
int encoded_byte(std::string_view raw, std::size_t at) {
  if (at + 2 >= raw.size()) {
    return -1;
  }
  const int high = hex_value(raw[at + 1]);
  const int low = hex_value(raw[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::optional<std::string> decode(std::string_view raw, char refused) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      text.push_back(raw[i]);
      continue;
    }
    const int byte = encoded_byte(raw, i);
    if (byte <= 0 || byte == refused) {
      return std::nullopt;
    }
    text.push_back(static_cast<char>(byte));
    i += 2;
  }
  if (!is_utf8(text)) {
    return std::nullopt;
  }
  return text;
}

// Length of the sequence that begins with `lead`, 0 when none does (RFC 3629 section 4).
std::size_t sequence_length(std::uint8_t lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// No overlong forms, no surrogates, nothing above U+10FFFF: all are told by the second byte.
bool second_byte_fits(std::uint8_t lead, std::uint8_t second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return second >= 0x80 && second <= 0xBF;
  }
}

}  // namespace

bool decode_path(std::string_view raw, std::string& out) {
  if (raw.find('%') == std::string_view::npos) {
    out.append(raw);
    return true;
  }
  std::optional<std::string> text = decode(raw, '/');
  if (!text) {
    return false;
  }
  out.append(*text);
  return true;
}

std::optional<std::string> decode_query_text(std::string_view raw) {
  std::string spaced(raw);
  for (char& c : spaced) {
    if (c == '+') {
      c = ' ';
    }
  }
  return decode(spaced, '\0');
}

bool has_valid_percent(std::string_view raw) {
  for (std::size_t i = raw.find('%'); i != std::string_view::npos; i = raw.find('%', i + 1)) {
    if (encoded_byte(raw, i) < 0) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> find_query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const std::size_t equals = pair.find('=');
    const std::optional<std::string> key = decode_query_text(pair.substr(0, equals));
    if (key && *key == name) {
      return equals == std::string_view::npos ? std::string()
                                              : decode_query_text(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    const std::size_t length = sequence_length(lead);
    if (length == 0 || i + length > text.size()) {
      return false;
    }
    for (std::size_t k = 1; k < length; ++k) {
      const auto byte = static_cast<std::uint8_t>(text[i + k]);
      const bool fits = k == 1 ? second_byte_fits(lead, byte) : byte >= 0x80 && byte <= 0xBF;
      if (!fits) {
        return false;
      }
    }
    i += length;
  }
  return true;
}

}  // namespace orama::gateway::http
