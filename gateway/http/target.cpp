#include "gateway/http/target.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "gateway/http/header_text.h"
#include "gateway/http/message.h"
#include "gateway/http/percent.h"
#include "gateway/http/request_head.h"
#include "gateway/http/token.h"

namespace orama::gateway::http {

namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// What is left of an absolute form behind its authority; nothing when it is none.
bool drop_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      continue;
    }
    const std::string_view rest = target.substr(scheme.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view authority = rest.substr(0, end);
    target = rest.substr(end);
    return !authority.empty() && std::all_of(authority.begin(), authority.end(), is_host_char);
  }
  return false;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment == "." || segment == "..") {
      return true;
    }
    path.remove_prefix(end);
  }
  return false;
}

}  // namespace

bool read_target(RequestHead& head) {
  std::string_view target = head.target;
  if (target == "*" && head.method == Method::options) {
    head.raw_path = target;
    head.path = "*";
    return true;
  }
  if (!is_printable(target) || target.find('#') != std::string_view::npos) {
    return false;
  }
  if (target.front() != '/' && !drop_authority(target)) {
    return false;
  }
  const std::size_t mark = target.find('?');
  head.raw_path = target.substr(0, mark);
  head.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  if (head.raw_path.empty()) {
    head.raw_path = "/";  // http://host and http://host?query
  }
  return decode_path(head.raw_path, head.path) && has_valid_percent(head.query) &&
         !has_dot_segment(head.path);
}

}  // namespace orama::gateway::http
