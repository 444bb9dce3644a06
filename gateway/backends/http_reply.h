// Parses one HTTP/1.1 reply of an engine from bytes as they come (llhttp, strict). Keeps status and
// body, drops headers. Refuses bodies over its limit and bytes after the reply. One object a reply;
// not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/result.h"

namespace orama::gateway::backends {

class HttpReplyParser {
 public:
  enum class State { more, done };

  explicit HttpReplyParser(std::size_t max_body_bytes);
  ~HttpReplyParser();
  HttpReplyParser(const HttpReplyParser&) = delete;
  HttpReplyParser& operator=(const HttpReplyParser&) = delete;

  // failed: not HTTP, or bytes past the reply; too_large: over the limit.
  Result<State> feed(std::string_view bytes);
  // The peer closed: done for a reply that ends so, else failed.
  Result<State> end_of_stream();

  bool started() const;  // at least one byte came
  bool keep_alive() const;
  int status() const;
  std::string take_body();

 private:
  struct Parse;
  std::unique_ptr<Parse> parse_;
};

}  // namespace orama::gateway::backends
