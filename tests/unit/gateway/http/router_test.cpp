#include "gateway/http/router.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::http {

namespace {

Route make_route(std::string_view id, std::vector<Method> methods, std::string_view path,
                 Caller caller = Caller::public_) {
  Route route;
  route.operation_id = id;
  route.methods = std::move(methods);
  route.path = path;
  route.caller = caller;
  return route;
}

RouteTable table() {
  RouteTable routes;
  routes.push_back(make_route("root", {Method::get}, "/"));
  routes.push_back(make_route("health", {Method::get}, "/health"));
  routes.push_back(make_route("fixed", {Method::get}, "/nodes/self"));
  routes.push_back(make_route("node", {Method::get}, "/nodes/{id}"));
  routes.push_back(make_route("nodeUpdate", {Method::post}, "/nodes/{id}"));
  routes.push_back(make_route("deep", {Method::get}, "/nodes/{id}/keys/{key}"));
  routes.push_back(make_route("selfOnly", {Method::get}, "/nodes/self/log"));
  routes.push_back(make_route("anything", {}, "/any"));
  routes.push_back(make_route("guarded", {Method::put}, "/guarded", Caller::member));
  return routes;
}

struct Found {
  std::string operation, allow;
  bool path_known = false, needs_credential = false;
  PathParameters parameters;
};

Found find(std::string_view path, Method method) {
  const RouteTable routes = table();
  std::vector<const Route*> rows;
  for (const Route& route : routes) {
    rows.push_back(&route);
  }
  const Router router(rows);
  Found found;
  const Router::Match match = router.find(path, method, found.parameters);
  found.operation = match.route == nullptr ? "" : match.route->operation_id;
  found.allow = match.allow;
  found.path_known = match.path_known;
  found.needs_credential = match.needs_credential;
  return found;
}

}  // namespace

TEST_CASE("paths find their routes") {
  struct Row {
    std::string_view path;
    Method method;
    std::string_view operation;
  };
  const std::vector<Row> rows{
      {"/", Method::get, "root"},
      {"/health", Method::get, "health"},
      {"/health", Method::head, "health"},
      {"/nodes/self", Method::get, "fixed"},
      {"/nodes/other", Method::get, "node"},
      {"/nodes/other", Method::post, "nodeUpdate"},
      {"/nodes/self/log", Method::get, "selfOnly"},
      {"/nodes/self/keys/k", Method::get, "deep"},  // the fixed branch is a dead end: back
      {"/any", Method::del, "anything"},
      {"/any", Method::other, "anything"},
      // no trailing slash, no doubled slash, case matters, no empty parameter
      {"/health/", Method::get, ""},
      {"//health", Method::get, ""},
      {"/Health", Method::get, ""},
      {"/nodes/", Method::get, ""},
      {"/nodes//keys/k", Method::get, ""},
      {"/nodes", Method::get, ""},
      {"*", Method::get, ""},
      {"", Method::get, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(find(row.path, row.method).operation == row.operation);
  }
}

TEST_CASE("parameters are bound to their segments") {
  const Found found = find("/nodes/self/keys/a b", Method::get);
  REQUIRE(found.parameters.size() == 2);
  CHECK(found.parameters[0].first == "id");
  CHECK(found.parameters[0].second == "self");
  CHECK(found.parameters[1].first == "key");
  CHECK(found.parameters[1].second == "a b");
  CHECK(find("/nodes/self", Method::get).parameters.empty());
}

TEST_CASE("another method of a known path says what is allowed") {
  const Found health = find("/health", Method::post);
  CHECK(health.path_known);
  CHECK(health.operation.empty());
  CHECK(health.allow == "GET, HEAD");
  CHECK(find("/nodes/x", Method::del).allow == "GET, HEAD, POST");
  CHECK(find("/guarded", Method::get).needs_credential);
  CHECK_FALSE(find("/health", Method::post).needs_credential);
  CHECK_FALSE(find("/nothing", Method::get).path_known);
}

}  // namespace orama::gateway::http
