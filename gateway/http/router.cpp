#include "gateway/http/router.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "gateway/http/message.h"
#include "gateway/http/route.h"

namespace orama::gateway::http {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> parameter;
  std::string_view parameter_name;
  std::vector<const Route*> routes;  // that end here
  std::string allow;
  bool needs_credential = false;
};

namespace {

// The first segment of a path behind its slash, taken off the path.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool takes(const Route& route, Method method) {
  if (route.methods.empty()) {
    return true;
  }
  const auto has = [&](Method wanted) {
    return std::find(route.methods.begin(), route.methods.end(), wanted) != route.methods.end();
  };
  return has(method) || (method == Method::head && has(Method::get));
}

std::string allow_of(const std::vector<const Route*>& routes) {
  std::string allow;
  for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::del}) {
    const auto takes_it = [&](const Route* route) { return takes(*route, method); };
    if (std::any_of(routes.begin(), routes.end(), takes_it)) {
      allow.append(allow.empty() ? "" : ", ").append(to_string(method));
    }
  }
  return allow;
}

}  // namespace

Router::Router(const std::vector<const Route*>& routes) : root_(std::make_unique<Node>()) {
  for (const Route* route : routes) {
    Node* node = root_.get();
    for (std::string_view path = route->path; !path.empty();) {
      const std::string_view segment = take_segment(path);
      const bool is_parameter = segment.size() > 2 && segment.front() == '{';
      std::unique_ptr<Node>& next =
          is_parameter ? node->parameter : node->fixed[std::string(segment)];
      if (!next) {
        next = std::make_unique<Node>();
      }
      if (is_parameter) {
        next->parameter_name = segment.substr(1, segment.size() - 2);
      }
      node = next.get();
    }
    for (const Method method : route->methods) {
      for (const Route* other : node->routes) {
        ORAMA_ASSERT(!takes(*other, method));
      }
    }
    node->routes.push_back(route);
    node->needs_credential = node->needs_credential || route->caller == Caller::member;
    node->allow = allow_of(node->routes);
  }
}

Router::~Router() = default;

Router::Match Router::find(std::string_view path, Method method, PathParameters& parameters) const {
  // Depth first, the fixed branch before the parameter; what a wrong branch had bound is dropped.
  struct Search {
    PathParameters& bound;
    const Node* run(const Node& node, std::string_view rest) {
      if (rest.empty()) {
        return node.routes.empty() ? nullptr : &node;
      }
      const std::string_view segment = take_segment(rest);
      if (const auto found = node.fixed.find(segment); found != node.fixed.end()) {
        if (const Node* end = run(*found->second, rest)) {
          return end;
        }
      }
      if (!node.parameter || segment.empty()) {
        return nullptr;
      }
      bound.emplace_back(node.parameter->parameter_name, std::string(segment));
      const Node* end = run(*node.parameter, rest);
      if (end == nullptr) {
        bound.pop_back();
      }
      return end;
    }
  };
  Match match;
  if (path.empty() || path.front() != '/') {
    return match;
  }
  const Node* node = Search{parameters}.run(*root_, path);
  if (node == nullptr) {
    return match;
  }
  match.path_known = true;
  match.needs_credential = node->needs_credential;
  match.allow = node->allow;
  for (const Route* route : node->routes) {
    if (takes(*route, method)) {
      match.route = route;
      break;
    }
  }
  return match;
}

}  // namespace orama::gateway::http
