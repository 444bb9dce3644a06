#include "cli/admin_client.h"

#include <chrono>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/session.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kPatience{15};  // the gateway's own limit is 10 s

Errc code_of(int status) {
  switch (status) {
    case 400:
      return Errc::invalid_argument;
    case 403:
      return Errc::not_allowed;
    case 404:
      return Errc::not_found;
    case 409:
      return Errc::conflict;
    case 503:
      return Errc::unreachable;
    case 504:
      return Errc::timeout;
    default:
      return Errc::failed;
  }
}

Error refused(const HttpResponse& response) {
  const auto body = parse_json(response.body);
  std::string message = body.ok() ? text_of(*body, "error") : std::string();
  if (message.empty()) {
    message = "the gateway answered " + std::to_string(response.status);
  }
  const bool quorum = body.ok() && text_of(*body, "code") == "QUORUM_WOULD_BREAK";
  return make_error(quorum ? Errc::quorum_refused : code_of(response.status), std::move(message),
                    body.ok() ? text_of(*body, "hint") : std::string());
}

}  // namespace

Result<json> admin_call(Session& session, const std::string& method, const std::string& path,
                        const json& body) {
  HttpRequest request;
  request.method = method;
  request.url = "http://localhost" + path;
  request.unix_socket = installers::paths::kAdminSocket;
  request.timeout = kPatience;
  if (!body.is_null()) {
    request.headers = {"Content-Type: application/json"};
    request.body = body.dump();
  }
  const auto response = session.host.http.send(request);
  if (!response.ok()) {
    return make_error(response.error().code,
                      "this node's gateway does not answer: " + response.error().message,
                      "orama status");
  }
  if (response->status < 200 || response->status > 299) {
    return refused(*response);
  }
  return parse_json(response->body);
}

}  // namespace orama::cli
