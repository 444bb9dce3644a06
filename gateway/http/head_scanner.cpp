#include "gateway/http/head_scanner.h"

#include <cstddef>
#include <string_view>

#include "gateway/http/api_error.h"
#include "gateway/http/limits.h"
#include "gateway/http/token.h"

namespace orama::gateway::http {

HeadScanner::Outcome HeadScanner::scan(std::string_view bytes) {
  if (bytes.empty()) {
    return Outcome::more;
  }
  if (!is_token_char(bytes.front())) {  // a leading CRLF, a TLS hello, …
    return refuse(ApiCode::bad_request);
  }
  return scan_lines(bytes);
}

HeadScanner::Outcome HeadScanner::scan_fields(std::string_view bytes) {
  in_request_line_ = false;
  return scan_lines(bytes);
}

HeadScanner::Outcome HeadScanner::scan_lines(std::string_view bytes) {
  while (true) {
    const std::size_t line_feed = bytes.find('\n', searched_);
    if (line_feed == std::string_view::npos) {
      searched_ = bytes.size();
      return look_at_open_line(bytes);
    }
    const Outcome outcome = end_line(bytes, line_feed);
    if (outcome != Outcome::more) {
      return outcome;
    }
  }
}

// Sizes are judged before the line ending, as they are for a line that has none yet.
HeadScanner::Outcome HeadScanner::end_line(std::string_view bytes, std::size_t line_feed) {
  const std::size_t length = line_feed - position_;  // with CR, without LF
  const bool blank = length == 1 && bytes[position_] == '\r';
  if (in_request_line_ && length > kMaxRequestLine + 1) {
    return refuse(ApiCode::uri_too_long);
  }
  if (!in_request_line_ && !blank && line_feed - headers_start_ >= kMaxHeaderBytes) {
    return refuse(ApiCode::headers_too_large);
  }
  if (length == 0 || bytes[line_feed - 1] != '\r') {
    return refuse(ApiCode::bad_request);
  }
  position_ = line_feed + 1;
  searched_ = position_;
  if (in_request_line_) {
    in_request_line_ = false;
    headers_start_ = position_;
    return Outcome::more;
  }
  if (blank) {
    return Outcome::complete;
  }
  return ++fields_ > kMaxHeaderFields ? refuse(ApiCode::headers_too_large) : Outcome::more;
}

HeadScanner::Outcome HeadScanner::look_at_open_line(std::string_view bytes) {
  const std::string_view line = bytes.substr(position_);
  if (in_request_line_) {
    return line.size() > kMaxRequestLine + 1 ? refuse(ApiCode::uri_too_long) : Outcome::more;
  }
  const bool may_be_blank = line.empty() || line == "\r";
  if (!may_be_blank && bytes.size() - headers_start_ >= kMaxHeaderBytes) {
    return refuse(ApiCode::headers_too_large);
  }
  return Outcome::more;
}

HeadScanner::Outcome HeadScanner::refuse(ApiCode code) {
  code_ = code;
  return Outcome::refused;
}

ApiError HeadScanner::error() const {
  ApiError error;
  error.code = code_;
  switch (code_) {
    case ApiCode::uri_too_long:
      error.message = "the request line is longer than 16 KiB";
      break;
    case ApiCode::headers_too_large:
      error.message = "the header section is larger than 32 KiB or 100 fields";
      break;
    default:
      error.message = "the request is not HTTP/1.1: every line must end in CRLF";
      break;
  }
  return error;
}

}  // namespace orama::gateway::http
