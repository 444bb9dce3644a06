#include "installers/dev/unit_control.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/dev/control_message.h"
#include "installers/dev/descriptor.h"
#include "installers/host/systemd.h"

namespace orama::installers {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

Error not_running() {
  return make_error(Errc::unreachable, "no development cluster runs", "orama dev up");
}

Result<Descriptor> connect_to(const std::string& path) {
  TRY(address, control_address(path));
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.valid() ||
      connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return not_running();
  }
  return made;
}

Result<std::string> read_answer(int socket, milliseconds within) {
  const auto deadline = SteadyClock::now() + within;
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - SteadyClock::now());
    pollfd entry{socket, POLLIN, 0};
    const int ready = left.count() > 0 ? poll(&entry, 1, static_cast<int>(left.count())) : 0;
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready <= 0) {
      return make_error(Errc::timeout,
                        "the development cluster's supervisor did not answer within " +
                            std::to_string(within.count() / 1000) + " s",
                        "orama dev status");
    }
    const ssize_t count = recv(socket, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      return text.ends_with('\n')
                 ? Result<std::string>(text)
                 : make_error(Errc::unreachable,
                              "the development cluster's supervisor ended meanwhile");
    }
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<json> SupervisorClient::ask(const ControlRequest& request, milliseconds within) const {
  TRY(socket, connect_to(socket_));
  const std::string text = request.to_text();
  if (send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(text.size())) {
    return not_running();
  }
  TRY(answer, read_answer(socket.get(), within));
  return answer_from(answer);
}

Result<std::vector<UnitState>> DevUnits::states(const std::vector<std::string>& units) {
  TRY(answer, client_.ask({"states", node_, units, 0}));
  std::vector<UnitState> states;
  for (const json& entry : answer.value("units", json::array())) {
    TRY(state, unit_state_from(entry));
    states.push_back(std::move(state));
  }
  return states.size() == units.size()
             ? Result<std::vector<UnitState>>(std::move(states))
             : make_error(Errc::failed, "the supervisor described another number of units");
}

Result<void> DevUnits::order(const char* verb, const std::string& unit) {
  TRY_VOID(client_.ask({verb, node_, {unit}, 0}));
  return {};
}

}  // namespace orama::installers
