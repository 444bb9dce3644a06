// Questions of the install to this node's own gateway, over its admin socket (http-api.md 20).
#pragma once

#include <string>

#include "common/http_client.h"
#include "common/result.h"
#include "installers/change.h"

namespace orama::installers {

HttpRequest admin_request(std::string method, const std::string& path);

// The error's own words from an answer of the API (http-api.md 4) behind its status, or the status.
std::string answer_text(const HttpResponse& response);

// Asks again while nothing answers or the gateway says 503, for 30 s at most: a registry elects for
// a second or two after a start. The last answer or failure; interrupted, on a signal.
Result<HttpResponse> send_until_answered(ChangeContext& context, const HttpRequest& request);

}  // namespace orama::installers
