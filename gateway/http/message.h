// What a handler takes and gives. A Request is valid until its handler has returned: its texts lie
// in the connection's buffers. A Response is owned; the pipeline adds request id, trace, security
// and CORS headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <sys/types.h>

#include "common/mesh/ip_address.h"
#include "gateway/http/api_error.h"

namespace orama::gateway::http {

enum class Method : std::uint8_t { get, head, post, put, del, options, other };
std::string_view to_string(Method method);

struct Header {
  std::string_view name, value;  // name as sent; look up with find_header (case-insensitive)
};

// Who is on the other end of the admin socket (SO_PEERCRED, SO_PEERGROUPS).
struct PeerCredentials {
  uid_t uid = 0;
  std::vector<gid_t> groups;
};

struct Request {
  Method method = Method::get;
  std::string_view target;  // as sent
  std::string_view path;    // percent-decoded
  std::string_view query;   // raw, without '?'
  const std::vector<Header>* headers = nullptr;
  std::string_view body;
  std::vector<std::pair<std::string_view, std::string>>
      parameters;  // of the path: {name} -> decoded segment

  std::string_view request_id;               // stage 1
  std::string_view traceparent;              // as passed on to backends
  std::optional<mesh::IpAddress> client_ip;  // absent on the unix socket
  bool client_is_local =
      false;  // loopback or mesh range, after the trusted-proxy rule (http-api.md 3)
  const PeerCredentials* peer = nullptr;  // unix socket only

  // Set by the handler before it sends to a backend ("registry"): from then on a passed time limit
  // is 504 BACKEND_TIMEOUT, because the outcome is unknown. While it is empty, a read that runs out
  // of time is 503 OVERLOADED: nothing was applied.
  std::string_view sent_to;

  std::optional<std::string_view> header(std::string_view name) const;  // first of that name
  // First value of a query parameter, decoded; absent when it is not there.
  std::optional<std::string> query_parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json";             // "" with an empty body
  std::vector<std::pair<std::string_view, std::string>> headers;  // names are constants
};

using HandlerResult = std::variant<Response, ApiError>;

// JSON answer of 200 or another success status.
Response json_response(const nlohmann::json& body, int status = 200);

}  // namespace orama::gateway::http
