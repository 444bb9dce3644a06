// The bytes of an answer's head: status line, framing, and the lines that the pipeline made.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "gateway/http/exchange.h"

namespace orama::gateway::http {

// The Date header's value (RFC 9110 section 5.6.7), made once a second. One per thread.
class DateCache {
 public:
  std::string_view at(WallTime time);

 private:
  std::string text_;
  std::time_t second_ = -1;
};

// Replaces `out`. The body is sent behind it unless sends_body() says no.
void write_response_head(const Exchange& exchange, std::string_view date, std::string& out);
bool sends_body(const Exchange& exchange);

// "Name: value\r\n". Line breaks in the value become spaces: they would be more lines.
void append_header(std::string& out, std::string_view name, std::string_view value);

}  // namespace orama::gateway::http
