#include "gateway/middleware/access_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "gateway/middleware/access_log.h"

namespace orama::gateway::middleware {

namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  static_cast<void>(failure);  // 20 digits hold any 64-bit number
  out.append(digits.data(), end);
}

void append_padded(std::string& out, std::uint64_t number, std::size_t width) {
  const std::size_t start = out.size();
  append_number(out, number);
  const std::size_t written = out.size() - start;
  if (written < width) {
    out.insert(start, width - written, '0');
  }
}

// By byte: whether it stands in a JSON string as it is.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x7F; ++byte) {
    plain[byte] = byte != '"' && byte != '\\';
  }
  return plain;
}();

bool is_plain(char c) {
  return kPlain[static_cast<unsigned char>(c)];
}

// What needs no escape, nearly always the whole text, is copied at once.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  while (true) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) {
      return;
    }
    const auto byte = static_cast<unsigned char>(text[plain]);
    if (byte == '"' || byte == '\\') {
      out.push_back('\\');
      out.push_back(text[plain]);
    } else {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xF]);
    }
    text.remove_prefix(plain + 1);
  }
}

void append_text(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) {
    return;
  }
  out.append(",\"").append(key).append("\":\"");
  append_escaped(out, value);
  out.push_back('"');
}

void append_count(std::string& out, std::string_view key, std::uint64_t value) {
  out.append(",\"").append(key).append("\":");
  append_number(out, value);
}

}  // namespace

void SecondText::append(std::string& out, WallTime time) {
  constexpr std::size_t kToSeconds = 19;  // 2026-11-24T17:13:32
  const std::time_t second = std::chrono::system_clock::to_time_t(time);
  if (second != second_) {
    second_ = second;
    text_ = format_rfc3339(time).substr(0, kToSeconds);
  }
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  out.append(text_).push_back('.');
  append_padded(out, static_cast<std::uint64_t>(since.count() % 1000), 3);
  out.push_back('Z');
}

void append_access_line(std::string& out, const AccessRecord& record, SecondText& seconds) {
  out.append("{\"time\":\"");
  seconds.append(out, record.time);
  out.push_back('"');
  append_text(out, "request_id", record.request_id);
  append_text(out, "trace_id", record.trace_id);
  append_text(out, "operation", record.operation);
  append_text(out, "method", record.method);
  append_text(out, "path", record.path);
  append_count(out, "status", static_cast<std::uint64_t>(record.status));
  append_count(out, "bytes_in", record.bytes_in);
  append_count(out, "bytes_out", record.bytes_out);
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(record.duration).count();
  append_count(out, "duration_us", static_cast<std::uint64_t>(us));
  append_text(out, "client_ip", record.client_ip);
  append_text(out, "namespace", record.name_space);
  append_text(out, "principal", record.principal);
  out.append("}\n");
}

}  // namespace orama::gateway::middleware
