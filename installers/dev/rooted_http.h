// The HttpClient of a development node: unix sockets stand under the node's root. All else passes.
// Safe from any thread.
#pragma once

#include <utility>

#include "common/http_client.h"
#include "common/result.h"
#include "installers/dev/node_root.h"

namespace orama::installers {

class RootedHttp final : public HttpClient {
 public:
  RootedHttp(HttpClient& inner, NodeRoot root) : inner_(inner), root_(std::move(root)) {}

  Result<HttpResponse> send(const HttpRequest& request) override {
    HttpRequest mapped = request;
    mapped.unix_socket = root_.path(request.unix_socket);
    return inner_.send(mapped);
  }

 private:
  HttpClient& inner_;
  NodeRoot root_;
};

}  // namespace orama::installers
