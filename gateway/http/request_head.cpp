#include "gateway/http/request_head.h"

#include <llhttp.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "gateway/http/api_error.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"
#include "gateway/http/target.h"
#include "gateway/http/token.h"

namespace orama::gateway::http {

namespace {

ApiError bad_request(std::string message) {
  ApiError error;
  error.code = ApiCode::bad_request;
  error.message = std::move(message);
  return error;
}

Method method_of(std::string_view name) {
  for (const Method method :
       {Method::get, Method::head, Method::post, Method::put, Method::del, Method::options}) {
    if (to_string(method) == name) {
      return method;
    }
  }
  return Method::other;
}

// Exactly: token SP target SP HTTP/1.x. Single spaces, no tabs.
bool read_request_line(std::string_view line, RequestHead& head, std::string_view& method_name) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || first + 1 == last) {
    return false;
  }
  method_name = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method_name) || head.target.find(' ') != std::string_view::npos ||
      (version != "HTTP/1.1" && version != "HTTP/1.0")) {
    return false;
  }
  head.minor_version = version.back() - '0';
  head.method = method_of(method_name);
  return true;
}

int add_field_name(llhttp_t* parser, const char* at, std::size_t length) {
  static_cast<RequestHead*>(parser->data)->headers.push_back(Header{{at, length}, {}});
  return 0;
}

// A value may be reported in pieces; they lie side by side.
int add_field_value(llhttp_t* parser, const char* at, std::size_t length) {
  Header& field = static_cast<RequestHead*>(parser->data)->headers.back();
  if (field.value.empty()) {
    field.value = std::string_view(at, length);
    return 0;
  }
  if (field.value.data() + field.value.size() != at) {
    return HPE_USER;
  }
  field.value = std::string_view(field.value.data(), field.value.size() + length);
  return 0;
}

const llhttp_settings_t& head_settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_header_field = add_field_name;
    made.on_header_value = add_field_value;
    return made;
  }();
  return settings;
}

// llhttp knows a fixed set of methods; the API answers others with 405, so it is shown one that it
// knows.
bool run_llhttp(std::string_view bytes, std::size_t method_length, llhttp_t& parser,
                RequestHead& head) {
  constexpr std::string_view kStandIn = "PATCH";
  llhttp_init(&parser, HTTP_REQUEST, &head_settings());
  parser.data = &head;
  if (head.method == Method::other) {
    if (llhttp_execute(&parser, kStandIn.data(), kStandIn.size()) != HPE_OK) {
      return false;
    }
    bytes.remove_prefix(method_length);
  }
  const llhttp_errno_t outcome = llhttp_execute(&parser, bytes.data(), bytes.size());
  // An Upgrade that is not taken is an ordinary request (RFC 9110 section 7.8).
  return outcome == HPE_OK || (outcome == HPE_PAUSED_UPGRADE &&
                               llhttp_get_error_pos(&parser) == bytes.data() + bytes.size());
}

bool has_control_byte(std::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

struct FieldCounts {
  int host = 0, authorization = 0, content_length = 0, transfer_encoding = 0;
};

std::optional<ApiError> read_content_length(std::string_view value, RequestHead& head) {
  std::uint64_t length = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || failure != std::errc() || end != value.data() + value.size()) {
    return bad_request("Content-Length is not one decimal number");
  }
  head.content_length = length;
  return std::nullopt;
}

// Fields that frame the message or say who is meant; each may appear once.
std::optional<ApiError> read_field(const Header& field, RequestHead& head, FieldCounts& counts) {
  if (equal_ignoring_case(field.name, "host")) {
    const bool clean = std::all_of(field.value.begin(), field.value.end(), is_host_char);
    return ++counts.host > 1 || field.value.empty() || !clean
               ? std::optional(bad_request("Host must be given once and name one host"))
               : std::nullopt;
  }
  if (equal_ignoring_case(field.name, "authorization")) {
    return ++counts.authorization > 1
               ? std::optional(bad_request("Authorization must be given at most once"))
               : std::nullopt;
  }
  if (equal_ignoring_case(field.name, "content-length")) {
    return ++counts.content_length > 1
               ? std::optional(bad_request("Content-Length must be given at most once"))
               : read_content_length(field.value, head);
  }
  if (equal_ignoring_case(field.name, "transfer-encoding")) {
    head.chunked = equal_ignoring_case(field.value, "chunked");
    return ++counts.transfer_encoding > 1 || !head.chunked || head.minor_version == 0
               ? std::optional(
                     bad_request("Transfer-Encoding must be `chunked`, once, in HTTP/1.1"))
               : std::nullopt;
  }
  if (equal_ignoring_case(field.name, "connection")) {
    head.keep_alive = head.keep_alive && !list_contains(field.value, "close");
    return std::nullopt;
  }
  if (equal_ignoring_case(field.name, "expect")) {
    if (!equal_ignoring_case(field.value, "100-continue")) {
      return bad_request("Expect can only be `100-continue`");
    }
    head.expects_continue = head.minor_version == 1;
  }
  return std::nullopt;
}

std::optional<ApiError> read_fields(RequestHead& head) {
  FieldCounts counts;
  head.keep_alive = head.minor_version == 1;
  for (Header& field : head.headers) {
    field.value = trim(field.value);
    if (!is_token(field.name) || has_control_byte(field.value)) {
      return bad_request("a header field has a malformed name or value");
    }
    if (std::optional<ApiError> error = read_field(field, head, counts)) {
      return error;
    }
  }
  if (counts.host == 0 && head.minor_version == 1) {
    return bad_request("Host is missing");
  }
  if (head.chunked && head.content_length) {
    return bad_request("Content-Length and Transfer-Encoding must not come together");
  }
  return std::nullopt;
}

}  // namespace

void RequestHead::reset() {
  method = Method::get;
  target = raw_path = query = {};
  path.clear();
  minor_version = 1;
  headers.clear();
  content_length.reset();
  chunked = false;
  keep_alive = true;
  expects_continue = false;
}

std::optional<ApiError> parse_request_head(std::string_view bytes, llhttp__internal_s& parser,
                                           RequestHead& head) {
  head.reset();
  std::string_view method_name;
  if (!read_request_line(bytes.substr(0, bytes.find('\r')), head, method_name)) {
    return bad_request("the request line is not `METHOD target HTTP/1.1`");
  }
  if (!run_llhttp(bytes, method_name.size(), parser, head)) {
    const char* reason = llhttp_get_error_reason(&parser);
    return bad_request(std::string("the request head is malformed: ") +
                       (reason != nullptr ? reason : "unexpected bytes"));
  }
  if (!read_target(head)) {
    return bad_request("the request target is not a clean path");
  }
  return read_fields(head);
}

}  // namespace orama::gateway::http
