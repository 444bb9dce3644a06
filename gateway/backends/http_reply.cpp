#include "gateway/backends/http_reply.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <llhttp.h>

#include "common/result.h"

namespace orama::gateway::backends {

struct HttpReplyParser::Parse {
  llhttp_t parser{};
  llhttp_settings_t settings{};
  std::size_t max_body_bytes = 0;
  std::size_t head_bytes = 0;
  std::string body;
  bool started = false;
  bool done = false;
  bool too_large = false;
  bool keep_alive = false;
};

namespace {

constexpr std::size_t kMaxHeadBytes = 64UL * 1024;

}  // namespace

HttpReplyParser::HttpReplyParser(std::size_t max_body_bytes) : parse_(std::make_unique<Parse>()) {
  llhttp_settings_init(&parse_->settings);
  parse_->settings.on_body = [](llhttp_t* parser, const char* at, size_t length) {
    auto& parse = *static_cast<Parse*>(parser->data);
    if (parse.body.size() + length > parse.max_body_bytes) {
      parse.too_large = true;
      return -1;
    }
    parse.body.append(at, length);
    return 0;
  };
  parse_->settings.on_header_value = [](llhttp_t* parser, const char*, size_t length) {
    auto& parse = *static_cast<Parse*>(parser->data);
    parse.head_bytes += length;
    parse.too_large = parse.head_bytes > kMaxHeadBytes;
    return parse.too_large ? -1 : 0;
  };
  parse_->settings.on_message_complete = [](llhttp_t* parser) {
    auto& parse = *static_cast<Parse*>(parser->data);
    parse.done = true;
    parse.keep_alive = llhttp_should_keep_alive(parser) != 0;
    return static_cast<int>(HPE_PAUSED);  // what follows is no part of this reply
  };
  llhttp_init(&parse_->parser, HTTP_RESPONSE, &parse_->settings);
  parse_->parser.data = parse_.get();
  parse_->max_body_bytes = max_body_bytes;
}

HttpReplyParser::~HttpReplyParser() = default;

Result<HttpReplyParser::State> HttpReplyParser::feed(std::string_view bytes) {
  if (parse_->done) {
    return make_error(Errc::failed, "bytes after the end of an HTTP reply");
  }
  parse_->started = parse_->started || !bytes.empty();
  const llhttp_errno_t code = llhttp_execute(&parse_->parser, bytes.data(), bytes.size());
  if (parse_->too_large) {
    return make_error(Errc::too_large, "the HTTP reply is larger than expected (limit " +
                                           std::to_string(parse_->max_body_bytes) + " bytes)");
  }
  if (parse_->done) {
    // Paused after the message: the position tells whether all bytes belonged to it.
    const char* position = llhttp_get_error_pos(&parse_->parser);
    if (position != nullptr && position != bytes.data() + bytes.size()) {
      parse_->keep_alive = false;
    }
    return State::done;
  }
  if (code != HPE_OK) {
    return make_error(Errc::failed, std::string("expected an HTTP reply, found something else: ") +
                                        llhttp_errno_name(code));
  }
  return State::more;
}

Result<HttpReplyParser::State> HttpReplyParser::end_of_stream() {
  const llhttp_errno_t code = llhttp_finish(&parse_->parser);
  if (parse_->done) {
    parse_->keep_alive = false;
    return State::done;
  }
  return make_error(Errc::failed, std::string("the connection ended inside an HTTP reply: ") +
                                      llhttp_errno_name(code));
}

bool HttpReplyParser::started() const {
  return parse_->started;
}
bool HttpReplyParser::keep_alive() const {
  return parse_->keep_alive;
}
int HttpReplyParser::status() const {
  return parse_->parser.status_code;
}
std::string HttpReplyParser::take_body() {
  return std::move(parse_->body);
}

}  // namespace orama::gateway::backends
