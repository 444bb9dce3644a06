// What is said over the supervisor's control socket: one JSON object a line, one question and one
// answer a connection. Only the developer's own programs speak here (the socket is 0600), in the
// version of this build.
#pragma once

#include <sys/un.h>

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/host/systemd.h"

namespace orama::installers {

struct ControlRequest {
  std::string verb;  // hello list states start stop restart enable disable boot cut shutdown
  std::string node;
  std::vector<std::string> units;
  int seconds = 0;  // cut: how long the node stays off

  std::string to_text() const;
  static Result<ControlRequest> from_text(std::string_view text);
};

nlohmann::json unit_state_json(const UnitState& state);
Result<UnitState> unit_state_from(const nlohmann::json& body);

// {"ok":true, …} or {"ok":false,"code","message","hint"}.
std::string answer_text(const Result<nlohmann::json>& answer);
Result<nlohmann::json> answer_from(std::string_view text);

// Of the socket's path; invalid_argument when that is too long for one.
Result<sockaddr_un> control_address(const std::string& path);

// A node's name is a folder's: a-z 0-9 -, a unit's name a file's.
bool is_dev_node_name(std::string_view text);
bool is_unit_name(std::string_view text);

}  // namespace orama::installers
