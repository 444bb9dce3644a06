// A request head as values, and the strict reading of one: llhttp decides what HTTP is, and this
// file refuses what llhttp lets pass (stack.md 3): requests that two servers in a row could
// understand differently. Texts point into the bytes that were parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/api_error.h"
#include "gateway/http/message.h"

struct llhttp__internal_s;

namespace orama::gateway::http {

struct RequestHead {
  Method method = Method::get;
  std::string_view target;  // as sent
  std::string_view raw_path, query;
  std::string path;  // percent-decoded
  int minor_version = 1;
  std::vector<Header> headers;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
  void reset();  // keeps memory
};

// `bytes` is a whole head with its empty line, as HeadScanner found it. `parser` is initialised
// here and stands behind the head afterwards: a chunked body is fed to it next.
std::optional<ApiError> parse_request_head(std::string_view bytes, llhttp__internal_s& parser,
                                           RequestHead& head);

}  // namespace orama::gateway::http
