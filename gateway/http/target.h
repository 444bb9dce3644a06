// The request target (RFC 9112 section 3.2): origin form, absolute form (its authority is dropped:
// Host chooses nothing here), and `*` for OPTIONS. Refused: other forms, fragments, bytes outside
// printable ASCII, bad percent-encoding, encoded slashes, `.` and `..` segments, also when they are
// encoded.
#pragma once

#include "gateway/http/request_head.h"

namespace orama::gateway::http {

// Fills raw_path, query and path of `head` from head.target. False when it is refused.
bool read_target(RequestHead& head);

}  // namespace orama::gateway::http
