#include "installers/steps/admin_call.h"

#include <chrono>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr int kUnavailable = 503;
constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kRetryInterval{500};

}  // namespace

HttpRequest admin_request(std::string method, const std::string& path) {
  HttpRequest request;
  request.method = std::move(method);
  request.url = "http://localhost" + path;
  request.unix_socket = paths::kAdminSocket;
  request.timeout = std::chrono::seconds(10);
  return request;
}

std::string answer_text(const HttpResponse& response) {
  const auto body = parse_json(response.body);
  const std::string words = body.ok() ? text_of(*body, "error") : std::string();
  return std::to_string(response.status) + (words.empty() ? "" : ": " + words);
}

Result<HttpResponse> send_until_answered(ChangeContext& context, const HttpRequest& request) {
  Host& host = context.host;
  const SteadyTime deadline = host.clock.steady_now() + kPatience;
  for (;;) {
    auto response = host.http.send(request);
    const bool later = !response.ok() || response->status == kUnavailable;
    if (!later || host.clock.steady_now() >= deadline) {
      return response;
    }
    if (context.interrupted != nullptr && context.interrupted->load()) {
      return make_error(Errc::interrupted, "interrupted while the gateway was asked");
    }
    host.clock.sleep_for(kRetryInterval);
  }
}

}  // namespace orama::installers
