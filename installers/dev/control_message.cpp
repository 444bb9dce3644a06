#include "installers/dev/control_message.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/result.h"
#include "installers/host/systemd.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::size_t kMostName = 120;
constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr std::string_view kUnit =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@:";
constexpr std::array kCodes = {Errc::failed,           Errc::invalid_argument, Errc::pending,
                               Errc::not_allowed,      Errc::not_found,        Errc::conflict,
                               Errc::preflight_failed, Errc::timeout,          Errc::locked,
                               Errc::needs_root,       Errc::unreachable,      Errc::quorum_refused,
                               Errc::interrupted,      Errc::too_large};

Errc code_from(std::string_view name) {
  const auto* found = std::find_if(kCodes.begin(), kCodes.end(),
                                   [name](Errc code) { return to_string(code) == name; });
  return found == kCodes.end() ? Errc::failed : *found;
}

Error malformed(const std::string& what) {
  return make_error(Errc::invalid_argument, "the supervisor was asked or said nonsense: " + what);
}

}  // namespace

bool is_dev_node_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostName && text.front() != '-' &&
         text.find_first_not_of(kSmall) == std::string_view::npos;
}

bool is_unit_name(std::string_view text) {
  return !text.empty() && text.size() <= kMostName && text.front() != '.' &&
         text.find_first_not_of(kUnit) == std::string_view::npos &&
         text.find('.') != std::string_view::npos;
}

std::string ControlRequest::to_text() const {
  return json{{"verb", verb}, {"node", node}, {"units", units}, {"seconds", seconds}}.dump() + "\n";
}

Result<ControlRequest> ControlRequest::from_text(std::string_view text) {
  const json body = json::parse(text, nullptr, false);
  if (!body.is_object()) {
    return malformed("no JSON object");
  }
  ControlRequest request;
  try {
    request.verb = body.at("verb").get<std::string>();
    request.node = body.value("node", "");
    request.units = body.value("units", std::vector<std::string>());
    request.seconds = body.value("seconds", 0);
  } catch (const json::exception& error) {
    return malformed(error.what());
  }
  if (!request.node.empty() && !is_dev_node_name(request.node)) {
    return malformed("`" + request.node + "` is no name of a node");
  }
  for (const std::string& unit : request.units) {
    if (!is_unit_name(unit)) {
      return malformed("`" + unit + "` is no name of a unit");
    }
  }
  return request;
}

json unit_state_json(const UnitState& state) {
  return {{"name", state.name},   {"load", state.load},       {"active", state.active},
          {"sub", state.sub},     {"enabled", state.enabled}, {"result", state.result},
          {"since", state.since}, {"pid", state.main_pid}};
}

Result<UnitState> unit_state_from(const json& body) {
  UnitState state;
  try {
    state.name = body.at("name").get<std::string>();
    state.load = body.at("load").get<std::string>();
    state.active = body.at("active").get<std::string>();
    state.sub = body.at("sub").get<std::string>();
    state.enabled = body.at("enabled").get<std::string>();
    state.result = body.at("result").get<std::string>();
    state.since = body.at("since").get<std::string>();
    state.main_pid = body.at("pid").get<int>();
  } catch (const json::exception& error) {
    return malformed(error.what());
  }
  return state;
}

std::string answer_text(const Result<json>& answer) {
  json body;
  if (answer.ok()) {
    body = answer->is_object() ? *answer : json::object();
    body["ok"] = true;
  } else {
    body = {{"ok", false},
            {"code", to_string(answer.error().code)},
            {"message", answer.error().full_message()},
            {"hint", answer.error().hint}};
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<json> answer_from(std::string_view text) {
  json body = json::parse(text, nullptr, false);
  if (!body.is_object() || !body.contains("ok") || !body["ok"].is_boolean()) {
    return malformed("no answer");
  }
  if (body["ok"].get<bool>()) {
    return body;
  }
  return make_error(code_from(text_of(body, "code")), text_of(body, "message"),
                    text_of(body, "hint"));
}

Result<sockaddr_un> control_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return make_error(Errc::invalid_argument,
                      "the path " + path + " is too long for a socket, at most 107 bytes",
                      "name a shorter folder in XDG_STATE_HOME");
  }
  std::memcpy(static_cast<char*>(address.sun_path), path.c_str(), path.size() + 1);
  return address;
}

}  // namespace orama::installers
