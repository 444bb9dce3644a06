// The text of one access log line.
#pragma once

#include <ctime>
#include <string>

#include "common/clock.h"
#include "gateway/middleware/access_log.h"

namespace orama::gateway::middleware {

// Keeps the text of the last second: making one costs more than the rest of the line.
class SecondText {
 public:
  void append(std::string& out, WallTime time);  // RFC 3339, milliseconds

 private:
  std::time_t second_ = -1;
  std::string text_;
};

// A JSON object and a line feed. Absent texts are left out.
void append_access_line(std::string& out, const AccessRecord& record, SecondText& seconds);

}  // namespace orama::gateway::middleware
