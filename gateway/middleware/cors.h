// Cross-origin rules (http-api.md 3): which header lines an answer gets, and which WebSocket
// origins may in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orama::gateway::middleware {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins);  // {"*"}: any

  void append_headers(std::string& lines, std::optional<std::string_view> origin) const;
  // A caller that sends no Origin is no browser, and the rule protects browsers.
  bool allows_websocket(std::optional<std::string_view> origin) const;

 private:
  bool lists(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool any_ = false;
};

}  // namespace orama::gateway::middleware
