// Finds the route of a path: segment by segment, a fixed segment beats a {parameter}, and a wrong
// turn is taken back. Built once from the rows of the table; read by all threads without a lock.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/route.h"

namespace orama::gateway::http {

using PathParameters = std::vector<std::pair<std::string_view, std::string>>;

class Router {
 public:
  // The rows must outlive the router. Two rows of one path and method are a broken promise
  // (assert).
  explicit Router(const std::vector<const Route*>& routes);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  struct Match {
    const Route* route = nullptr;   // of this path and method
    bool path_known = false;        // some route has this path
    bool needs_credential = false;  // and one of them a credential
    std::string_view allow;         // value of `Allow` for that path
  };
  // `path` is decoded and begins with '/'. Fills `parameters` on a match of the path.
  Match find(std::string_view path, Method method, PathParameters& parameters) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace orama::gateway::http
