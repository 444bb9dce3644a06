// What this program was built from, fixed at configure time: the same commit gives the same bytes.
#pragma once

#include <string_view>

namespace orama {

struct BuildInfo {
  std::string_view version;     // "0.1.0"
  std::string_view commit;      // 40 hex digits, or "unknown" outside of a git checkout
  std::string_view build_time;  // RFC 3339, of the commit; "unknown" without one
};

BuildInfo build_info();

}  // namespace orama
