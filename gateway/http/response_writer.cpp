#include "gateway/http/response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "gateway/http/exchange.h"
#include "gateway/http/message.h"

namespace orama::gateway::http {

namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "";  // may be empty (RFC 9112 section 4)
  }
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  static_cast<void>(failure);  // 20 digits hold any 64-bit number
  out.append(digits.data(), end);
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string_view DateCache::at(WallTime time) {
  const std::time_t second = std::chrono::system_clock::to_time_t(time);
  if (second != second_) {
    second_ = second;
    std::tm parts{};
    gmtime_r(&second, &parts);
    std::array<char, 40> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text_.assign(text.data(), size);
  }
  return text_;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const auto start = static_cast<std::ptrdiff_t>(out.size());
  out.append(value);
  const auto ends_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  std::replace_if(out.begin() + start, out.end(), ends_line, ' ');
  out.append("\r\n");
}

bool sends_body(const Exchange& exchange) {
  return exchange.request.method != Method::head && may_have_body(exchange.response.status);
}

void write_response_head(const Exchange& exchange, std::string_view date, std::string& out) {
  const Response& response = exchange.response;
  out.assign("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  append_header(out, "Date", date);
  if (may_have_body(response.status)) {
    if (!response.content_type.empty() && !response.body.empty()) {
      append_header(out, "Content-Type", response.content_type);
    }
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  for (const auto& [name, value] : response.headers) {
    append_header(out, name, value);
  }
  out.append(exchange.header_lines);
  if (exchange.close) {
    out.append("Connection: close\r\n");
  }
  out.append("\r\n");
}

}  // namespace orama::gateway::http
