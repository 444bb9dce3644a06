// Turns bytes that arrive in pieces into one request after the other: the connection's parser
// without the connection. It copies the head, so that the caller's buffer is free to move, and
// collects the body.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/api_error.h"
#include "gateway/http/chunked_body.h"
#include "gateway/http/head_scanner.h"
#include "gateway/http/request_head.h"

namespace orama::gateway::http {

class RequestParser {
 public:
  enum class State : std::uint8_t { head, head_complete, body, complete, failed };
  enum class Keep : std::uint8_t { all, nothing };

  void reset();  // for the next request; keeps memory
  State state() const { return state_; }

  // In state head and body: takes bytes from the front and returns how many. A head is taken whole,
  // so `bytes` must begin where it began until it is complete.
  std::size_t advance(std::string_view bytes, RequestHead& head);

  // In state head_complete: says how much is taken. May complete or fail at once.
  void begin_body(const RequestHead& head, std::size_t limit, Keep keep);

  const std::string& body() const { return body_; }
  std::size_t body_size() const { return size_; }  // received so far, decoded
  const ApiError& error() const { return error_; }

 private:
  std::size_t advance_head(std::string_view bytes, RequestHead& head);
  std::size_t advance_body(std::string_view bytes);
  void fail(ApiError error);

  llhttp_t parser_{};
  State state_ = State::head;
  HeadScanner scanner_;
  ChunkedBody chunked_;
  bool is_chunked_ = false;
  bool keeps_ = false;
  std::uint64_t left_ = 0;
  std::size_t size_ = 0;
  std::string head_text_;
  std::string body_;
  ApiError error_;
};

}  // namespace orama::gateway::http
