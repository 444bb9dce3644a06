// Finds the end of a request head in bytes that arrive in pieces, and refuses what must not be
// waited for: a first byte that begins no method, a bare LF, a line, a section or a number of
// fields over its limit. What comes out depends on the bytes alone, never on where they were split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/http/api_error.h"

namespace orama::gateway::http {

class HeadScanner {
 public:
  enum class Outcome : std::uint8_t { more, complete, refused };
  // `bytes` begins with the head's first byte and grows from call to call.
  Outcome scan(std::string_view bytes);
  // The same for a section of fields without a request line: a trailer.
  Outcome scan_fields(std::string_view bytes);
  std::size_t head_size() const { return position_; }  // when complete
  ApiError error() const;                              // when refused
  void reset() { *this = HeadScanner(); }

 private:
  Outcome scan_lines(std::string_view bytes);
  Outcome end_line(std::string_view bytes, std::size_t line_feed);
  Outcome look_at_open_line(std::string_view bytes);
  Outcome refuse(ApiCode code);

  std::size_t position_ = 0;  // start of the line that has no LF yet
  std::size_t searched_ = 0;  // no LF between position_ and here
  std::size_t headers_start_ = 0;
  bool in_request_line_ = true;
  std::size_t fields_ = 0;
  ApiCode code_ = ApiCode::bad_request;
};

}  // namespace orama::gateway::http
