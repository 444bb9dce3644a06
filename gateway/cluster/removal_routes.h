// What the routes about nodes share: finding one, and the words of refusals (http-api.md 20).
#pragma once

#include <optional>
#include <string>

#include "common/api/status.h"
#include "gateway/cluster/node_routes.h"
#include "gateway/http/api_error.h"
#include "gateway/http/route.h"

namespace orama::gateway::cluster {

// Absent for a place that was released.
std::optional<api::Node> find_node(const NodeRouteParts& parts, const std::string& id);
http::ApiError no_node(const std::string& id);
// 503: `what` and why the registry does not serve.
http::ApiError out_of_touch(const NodeRouteParts& parts, const std::string& what);

// adminNodeRemove and adminLeave.
void add_removal_routes(http::RouteTable& routes, NodeRouteParts& parts);

}  // namespace orama::gateway::cluster
