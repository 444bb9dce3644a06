#include "gateway/metrics/routes.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "gateway/http/awaitable.h"
#include "gateway/http/header_text.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"
#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

namespace {

Format wanted_format(const http::Request& request) {
  std::string_view accept = request.header("accept").value_or("");
  while (!accept.empty()) {
    const std::string_view range = accept.substr(0, accept.find(','));
    const std::string_view type = http::trim(range.substr(0, range.find(';')));
    if (http::equal_ignoring_case(type, "application/openmetrics-text")) {
      return Format::open_metrics;
    }
    accept.remove_prefix(range.size() == accept.size() ? range.size() : range.size() + 1);
  }
  return Format::prometheus;
}

Awaitable<http::HandlerResult> get_metrics(const Metrics& metrics, http::Request& request) {
  const Format format = wanted_format(request);
  http::Response response;
  response.content_type = content_type(format);
  response.body = metrics.render(format);
  co_return response;
}

}  // namespace

void add_routes(http::RouteTable& routes, const Metrics& metrics) {
  http::Route route;
  route.operation_id = "getMetrics";
  route.methods = {http::Method::get};
  route.path = "/metrics";
  route.caller = http::Caller::local;
  route.time_limit = std::chrono::seconds(5);
  route.handler = [&metrics](http::Request& request) { return get_metrics(metrics, request); };
  routes.push_back(std::move(route));
}

}  // namespace orama::gateway::metrics
