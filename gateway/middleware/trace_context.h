// W3C Trace Context, level 1: a valid `traceparent` is continued with a span of our own, anything
// else is replaced by a new trace.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/random.h"
#include "gateway/http/message.h"

namespace orama::gateway::middleware {

struct TraceParent {
  std::string_view trace_id;  // 32 hex digits, not all zero
  bool sampled = false;
};

// Version 00 exactly; of later versions the part that is known (section 3.2 and 4.3).
std::optional<TraceParent> parse_traceparent(std::string_view text);

// The value to pass on: "00-<trace id>-<new span id>-<flags>". Two headers of that name count as
// none.
std::string next_traceparent(const std::vector<http::Header>& headers, crypto::Random& random);

// The trace id in a value that next_traceparent made.
std::string_view trace_id_of(std::string_view traceparent);

}  // namespace orama::gateway::middleware
