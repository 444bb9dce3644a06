// The supervisor's control socket: questions in, answers out when they are known.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/build_info.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/dev/control_message.h"
#include "installers/dev/descriptor.h"
#include "installers/dev/supervised_node.h"
#include "installers/dev/supervised_unit.h"
#include "installers/dev/supervisor.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::size_t kMostRequest = 64UL * 1024;
constexpr int kBacklog = 64;

}  // namespace

Result<void> Supervisor::listen() {
  const std::string path = folder_ + "/supervisor.sock";
  TRY(address, control_address(path));
  unlink(path.c_str());
  listener_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const mode_t before = umask(0177);
  const bool bound =
      listener_.valid() &&
      bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(listener_.get(), kBacklog) == 0;
  const int number = errno;
  umask(before);
  return bound ? Result<void>()
               : make_error(Errc::failed, "listening on " + path + ": " + strerror(number));
}

void Supervisor::accept_connection() {
  Descriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.valid()) {
    connections_.push_back(std::make_unique<Connection>(Connection{std::move(socket)}));
  }
}

void Supervisor::read_request(Connection& connection) {
  std::array<char, 4096> buffer{};
  const ssize_t count = recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0 || connection.read.size() > kMostRequest) {
    if (count >= 0 || errno != EAGAIN) {
      connection.socket.reset();
    }
    return;
  }
  connection.read.append(buffer.data(), static_cast<std::size_t>(count));
  const std::size_t end = connection.read.find('\n');
  if (end == std::string::npos) {
    return;
  }
  const auto request = ControlRequest::from_text(connection.read.substr(0, end));
  if (!request.ok()) {
    answer(connection, request.error());
    return;
  }
  begin(connection, *request);
}

void Supervisor::begin(Connection& connection, const ControlRequest& request) {
  auto done = carry_out(request);
  if (!done.ok()) {
    answer(connection, done.error());
  } else if (*done) {
    answer(connection, std::move(**done));
  } else {
    connection.waiting = request;
  }
}

// Nothing: the answer comes when what was ordered has happened.
Result<std::optional<json>> Supervisor::carry_out(const ControlRequest& request) {
  if (request.verb == "hello") {
    return std::optional(json{{"pid", getpid()}, {"version", build_info().version}});
  }
  if (request.verb == "list") {
    return std::optional(everything());
  }
  if (request.verb == "shutdown") {
    stop_all();
    return std::optional<json>();
  }
  if (ending_) {
    return make_error(Errc::conflict, "the development cluster is being stopped");
  }
  TRY(known, node(request.node));
  if (request.verb == "states") {
    json states = json::array();
    for (const std::string& unit : request.units) {
      states.push_back(unit_state_json(known->state(unit)));
    }
    return std::optional(json{{"units", std::move(states)}});
  }
  TRY_VOID(give_orders(*known, request));
  return std::optional<json>();
}

Result<void> Supervisor::give_orders(SupervisedNode& node, const ControlRequest& request) {
  if (request.verb == "boot") {
    node.boot();
    return {};
  }
  if (request.verb == "cut") {
    node.cut_power(clock_.steady_now() + std::chrono::seconds(request.seconds));
    return {};
  }
  if (request.verb == "stop-node") {
    node.stop();
    return {};
  }
  if (node.is_off()) {
    return make_error(Errc::conflict, node.name() + " is off, as `orama dev kill` left it");
  }
  for (const std::string& unit : request.units) {
    if (request.verb == "start") {
      node.unit(unit).start();
    } else if (request.verb == "stop") {
      node.unit(unit).stop();
    } else if (request.verb == "restart") {
      node.unit(unit).restart();
    } else if (request.verb == "enable") {
      TRY_VOID(node.enable(unit));
    } else if (request.verb == "disable") {
      TRY_VOID(node.disable(unit));
    } else {
      return make_error(Errc::invalid_argument, "the supervisor knows no `" + request.verb + "`");
    }
  }
  return {};
}

// Nothing while it goes on.
std::optional<Result<json>> Supervisor::answer_of(const ControlRequest& request) {
  const Result<json> done = json::object();
  if (request.verb == "shutdown") {
    return all_idle() ? std::optional(done) : std::nullopt;
  }
  const auto found = node(request.node);
  if (!found.ok()) {
    return found.error();
  }
  SupervisedNode& known = **found;
  if (request.verb == "cut" || request.verb == "stop-node") {
    return known.is_idle() ? std::optional(done) : std::nullopt;
  }
  const bool starts = request.verb == "start" || request.verb == "restart";
  if (!starts && request.verb != "stop") {
    return done;
  }
  for (const std::string& name : request.units) {
    const SupervisedUnit& unit = known.unit(name);
    if (starts ? !unit.outcome().has_value() : !unit.is_idle()) {
      return std::nullopt;
    }
    if (starts && !unit.outcome()->ok()) {
      return unit.outcome()->error();
    }
  }
  return done;
}

void Supervisor::answer_waiting() {
  for (const auto& connection : connections_) {
    if (connection->waiting) {
      if (const auto known = answer_of(*connection->waiting)) {
        answer(*connection, *known);
      }
    }
  }
  std::erase_if(connections_, [](const auto& one) { return !one->socket.valid(); });
}

// A few KiB at most: the socket takes them at once.
void Supervisor::answer(Connection& connection, const Result<json>& answer) {
  const std::string text = answer_text(answer);
  std::size_t sent = 0;
  fcntl(connection.socket.get(), F_SETFL, 0);
  while (sent < text.size()) {
    const ssize_t count =
        send(connection.socket.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      break;  // who asked is gone
    }
    sent += static_cast<std::size_t>(count);
  }
  connection.waiting.reset();
  connection.socket.reset();
}

json Supervisor::everything() {
  json nodes = json::array();
  for (const auto& [name, known] : nodes_) {
    json units = json::array();
    for (const auto& [unit_name, unit] : known->units()) {
      json entry = unit_state_json(known->state(unit_name));
      entry["restarts"] = unit->restarts();
      entry["status"] = unit->status();
      units.push_back(std::move(entry));
    }
    nodes.push_back({{"name", name}, {"off", known->is_off()}, {"units", std::move(units)}});
  }
  return {{"nodes", std::move(nodes)}};
}

}  // namespace orama::installers
