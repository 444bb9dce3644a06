#include "common/result.h"

#include <string>
#include <string_view>

namespace orama {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::failed:
      return "failed";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::pending:
      return "pending";
    case Errc::not_allowed:
      return "not_allowed";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::preflight_failed:
      return "preflight_failed";
    case Errc::timeout:
      return "timeout";
    case Errc::locked:
      return "locked";
    case Errc::needs_root:
      return "needs_root";
    case Errc::unreachable:
      return "unreachable";
    case Errc::quorum_refused:
      return "quorum_refused";
    case Errc::interrupted:
      return "interrupted";
    case Errc::too_large:
      return "too_large";
  }
  assertion_failed("a known Errc", __FILE__, __LINE__);
}

std::string Error::full_message() const {
  std::string text;
  for (auto step = context.rbegin(); step != context.rend(); ++step) {
    text += *step + ": ";
  }
  return text + message;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "orama: broken promise: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace orama
