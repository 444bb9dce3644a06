#include "gateway/http/chunked_body.h"

#include <llhttp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/http/api_error.h"
#include "gateway/http/head_scanner.h"
#include "gateway/http/limits.h"

namespace orama::gateway::http {

namespace {

constexpr std::uint64_t kCrLf = 2;
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

int append_content(llhttp_t* parser, const char* at, std::size_t length) {
  if (parser->data != nullptr) {
    static_cast<std::string*>(parser->data)->append(at, length);
  }
  return 0;
}

const llhttp_settings_t& body_settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_body = append_content;
    // The size must be seen before the content: execution stops behind the line.
    made.on_chunk_header = [](llhttp_t*) -> int { return HPE_PAUSED; };
    return made;
  }();
  return settings;
}

}  // namespace

void ChunkedBody::start(llhttp__internal_s& parser, std::size_t limit, std::string* out) {
  *this = ChunkedBody();
  parser_ = &parser;
  limit_ = limit;
  out_ = out;
  parser.data = out;
  parser.settings = const_cast<llhttp_settings_t*>(&body_settings());  // llhttp only reads it
}

std::size_t ChunkedBody::advance(std::string_view bytes) {
  switch (stage_) {
    case Stage::size_line:
      return take_size_line(bytes);
    case Stage::content:
      return take_content(bytes);
    case Stage::trailer:
      return take_trailer(bytes);
    case Stage::complete:
    case Stage::failed:
      return 0;
  }
  return 0;
}

std::size_t ChunkedBody::take_size_line(std::string_view bytes) {
  const std::size_t digits = std::min(bytes.find_first_not_of(kHexDigits), bytes.size());
  if (digits > kMaxChunkSizeDigits || (digits == 0 && !bytes.empty())) {
    return fail(ApiCode::bad_request, "a chunk's size is not 1 to 16 hexadecimal digits");
  }
  const std::size_t line_feed = bytes.find('\n');
  const std::size_t seen = std::min(line_feed, bytes.size());
  if (seen > digits + kMaxChunkExtension + 1) {  // 1: the CR
    return fail(ApiCode::bad_request, "a chunk extension is longer than 256 bytes");
  }
  if (line_feed == std::string_view::npos) {
    return 0;
  }
  if (!feed(bytes.substr(0, line_feed + 1))) {
    return fail(ApiCode::bad_request, "a chunk's size line is malformed");
  }
  if (parser_->content_length > limit_ - size_) {
    error_ = payload_too_large(limit_);
    stage_ = Stage::failed;
    return 0;
  }
  stage_ = parser_->content_length == 0 ? Stage::trailer : Stage::content;
  left_ = parser_->content_length + kCrLf;
  return line_feed + 1;
}

std::size_t ChunkedBody::take_content(std::string_view bytes) {
  const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  if (!feed(bytes.substr(0, taken))) {
    return fail(ApiCode::bad_request, "a chunk does not end where its size says");
  }
  const std::uint64_t content_left = left_ > kCrLf ? left_ - kCrLf : 0;
  size_ += static_cast<std::size_t>(std::min<std::uint64_t>(content_left, taken));
  left_ -= taken;
  if (left_ == 0) {
    stage_ = Stage::size_line;
  }
  return taken;
}

// The section behind the last chunk has the form of a head without its first line.
std::size_t ChunkedBody::take_trailer(std::string_view bytes) {
  const HeadScanner::Outcome outcome = trailer_.scan_fields(bytes);
  if (outcome == HeadScanner::Outcome::more) {
    return 0;
  }
  if (outcome == HeadScanner::Outcome::refused) {
    error_ = trailer_.error();
    stage_ = Stage::failed;
    return 0;
  }
  if (!feed(bytes.substr(0, trailer_.head_size()))) {
    return fail(ApiCode::bad_request, "a trailer field is malformed");
  }
  stage_ = Stage::complete;
  return trailer_.head_size();
}

bool ChunkedBody::feed(std::string_view bytes) {
  llhttp_errno_t outcome = llhttp_execute(parser_, bytes.data(), bytes.size());
  if (outcome == HPE_PAUSED) {
    const char* at = llhttp_get_error_pos(parser_);
    llhttp_resume(parser_);
    return at == bytes.data() + bytes.size();
  }
  // The message is over and asked for an upgrade, which is not taken.
  return outcome == HPE_OK || outcome == HPE_PAUSED_UPGRADE;
}

std::size_t ChunkedBody::fail(ApiCode code, std::string message) {
  stage_ = Stage::failed;
  error_.emplace();
  error_->code = code;
  error_->message = std::move(message);
  return 0;
}

}  // namespace orama::gateway::http
