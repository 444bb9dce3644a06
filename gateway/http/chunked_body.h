// Decodes a chunked body (RFC 9112 section 7.1). llhttp decodes; a line of a chunk's size is shown
// to it only when it is whole and within bounds, because llhttp takes leading zeros and extensions
// without limit. Trailer fields are checked like header fields and dropped. Works on pieces; the
// result does not depend on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/api_error.h"
#include "gateway/http/head_scanner.h"

struct llhttp__internal_s;

namespace orama::gateway::http {

class ChunkedBody {
 public:
  // `parser` stands behind the head. Content is appended to `out` unless it is null.
  void start(llhttp__internal_s& parser, std::size_t limit, std::string* out);

  // Takes from the front of `bytes` what it can decide on; what is left comes again, with more
  // behind it.
  std::size_t advance(std::string_view bytes);
  bool complete() const { return stage_ == Stage::complete; }
  const std::optional<ApiError>& error() const { return error_; }
  std::size_t size() const { return size_; }  // content so far

 private:
  enum class Stage : std::uint8_t { size_line, content, trailer, complete, failed };
  std::size_t take_size_line(std::string_view bytes);
  std::size_t take_content(std::string_view bytes);
  std::size_t take_trailer(std::string_view bytes);
  bool feed(std::string_view bytes);
  std::size_t fail(ApiCode code, std::string message);

  llhttp__internal_s* parser_ = nullptr;
  std::size_t limit_ = 0;
  std::string* out_ = nullptr;
  Stage stage_ = Stage::size_line;
  std::uint64_t left_ = 0;  // of the chunk, with its CRLF
  std::size_t size_ = 0;
  HeadScanner trailer_;
  std::optional<ApiError> error_;
};

}  // namespace orama::gateway::http
