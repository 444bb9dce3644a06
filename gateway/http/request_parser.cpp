#include "gateway/http/request_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "gateway/http/api_error.h"
#include "gateway/http/head_scanner.h"
#include "gateway/http/request_head.h"

namespace orama::gateway::http {

namespace {

// What a connection keeps of its body memory between requests.
constexpr std::size_t kKeptBody = 64UL * 1024;

}  // namespace

void RequestParser::reset() {
  state_ = State::head;
  scanner_.reset();
  is_chunked_ = false;
  left_ = 0;
  size_ = 0;
  body_.clear();
  if (body_.capacity() > kKeptBody) {
    body_.shrink_to_fit();
  }
}

std::size_t RequestParser::advance(std::string_view bytes, RequestHead& head) {
  switch (state_) {
    case State::head:
      return advance_head(bytes, head);
    case State::body:
      return advance_body(bytes);
    case State::head_complete:
    case State::complete:
    case State::failed:
      return 0;
  }
  return 0;
}

std::size_t RequestParser::advance_head(std::string_view bytes, RequestHead& head) {
  switch (scanner_.scan(bytes)) {
    case HeadScanner::Outcome::more:
      return 0;
    case HeadScanner::Outcome::refused:
      fail(scanner_.error());
      return 0;
    case HeadScanner::Outcome::complete:
      break;
  }
  head_text_.assign(bytes.substr(0, scanner_.head_size()));
  if (std::optional<ApiError> error = parse_request_head(head_text_, parser_, head)) {
    fail(*std::move(error));
    return 0;
  }
  state_ = State::head_complete;
  return head_text_.size();
}

void RequestParser::begin_body(const RequestHead& head, std::size_t limit, Keep keep) {
  keeps_ = keep == Keep::all;
  is_chunked_ = head.chunked;
  left_ = head.content_length.value_or(0);
  state_ = State::body;
  if (is_chunked_) {
    chunked_.start(parser_, limit, keeps_ ? &body_ : nullptr);
  } else if (left_ > limit) {
    fail(payload_too_large(limit));
  } else if (left_ == 0) {
    state_ = State::complete;
  }
}

std::size_t RequestParser::advance_body(std::string_view bytes) {
  if (!is_chunked_) {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (keeps_) {
      body_.append(bytes.substr(0, taken));
    }
    left_ -= taken;
    size_ += taken;
    state_ = left_ == 0 ? State::complete : State::body;
    return taken;
  }
  std::size_t taken = 0;
  while (taken < bytes.size()) {  // until it wants more than there is
    const std::size_t step = chunked_.advance(bytes.substr(taken));
    taken += step;
    if (step == 0 || chunked_.complete()) {
      break;
    }
  }
  size_ = chunked_.size();
  if (chunked_.error()) {
    fail(*chunked_.error());
  } else if (chunked_.complete()) {
    state_ = State::complete;
  }
  return taken;
}

void RequestParser::fail(ApiError error) {
  state_ = State::failed;
  error_ = std::move(error);
}

}  // namespace orama::gateway::http
