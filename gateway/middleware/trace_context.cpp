#include "gateway/middleware/trace_context.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/crypto/random.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

namespace {

constexpr std::size_t kVersion00Size = 55;
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kTraceIdSize = 32;
constexpr std::size_t kSpanIdAt = 36;
constexpr std::size_t kSpanIdSize = 16;
constexpr std::size_t kFlagsAt = 53;

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

int hex_digit(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

std::string random_id(crypto::Random& random, std::size_t bytes) {
  std::string id = crypto::to_hex(random.bytes(bytes));
  if (is_zero(id)) {
    id.back() = '1';  // all zero means invalid
  }
  return id;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  if (text.size() < kVersion00Size || text[2] != '-' || text[kSpanIdAt - 1] != '-' ||
      text[kFlagsAt - 1] != '-') {
    return std::nullopt;
  }
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace_id = text.substr(kTraceIdAt, kTraceIdSize);
  const std::string_view span_id = text.substr(kSpanIdAt, kSpanIdSize);
  const std::string_view flags = text.substr(kFlagsAt, 2);
  if (!is_lower_hex(version) || version == "ff" || !is_lower_hex(trace_id) ||
      !is_lower_hex(span_id) || !is_lower_hex(flags) || is_zero(trace_id) || is_zero(span_id)) {
    return std::nullopt;
  }
  const bool longer = text.size() > kVersion00Size;
  if (longer && (version == "00" || text[kVersion00Size] != '-')) {
    return std::nullopt;
  }
  return TraceParent{trace_id, (hex_digit(flags[1]) & 1) != 0};
}

std::string next_traceparent(const std::vector<http::Header>& headers, crypto::Random& random) {
  std::optional<TraceParent> given;
  int count = 0;
  for (const http::Header& header : headers) {
    if (http::equal_ignoring_case(header.name, "traceparent")) {
      given = ++count == 1 ? parse_traceparent(header.value) : std::nullopt;
    }
  }
  std::string value = "00-";
  if (given) {
    value.append(given->trace_id);
  } else {
    value.append(random_id(random, kTraceIdSize / 2));
  }
  value.append("-").append(random_id(random, kSpanIdSize / 2));
  value.append(given && given->sampled ? "-01" : "-00");
  return value;
}

std::string_view trace_id_of(std::string_view traceparent) {
  return traceparent.size() < kVersion00Size ? std::string_view()
                                             : traceparent.substr(kTraceIdAt, kTraceIdSize);
}

}  // namespace orama::gateway::middleware
