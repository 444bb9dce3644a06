// The notification socket of a unit (sd_notify(3)).
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.h"
#include "installers/dev/descriptor.h"
#include "installers/dev/supervised_unit.h"

namespace orama::installers {
namespace {

constexpr std::size_t kMostMessage = 4096;
constexpr std::string_view kStatus = "STATUS=";

}  // namespace

Result<void> SupervisedUnit::open_notify() {
  if (notify_.valid()) {
    return {};
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (notify_path_.size() >= sizeof address.sun_path) {
    return make_error(Errc::invalid_argument,
                      "the path " + notify_path_ + " is too long for a socket, at most 107 bytes");
  }
  std::memcpy(static_cast<char*>(address.sun_path), notify_path_.c_str(), notify_path_.size() + 1);
  unlink(notify_path_.c_str());
  Descriptor made(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.valid() ||
      bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(notify_path_.c_str(), 0600) != 0) {
    return make_error(Errc::failed, "making the socket " + notify_path_ + ": " + strerror(errno));
  }
  notify_ = std::move(made);
  return {};
}

void SupervisedUnit::read_notification() {
  std::array<char, kMostMessage> buffer{};
  for (;;) {
    const ssize_t count = recv(notify_.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      return;
    }
    std::string_view rest(buffer.data(), static_cast<std::size_t>(count));
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      if (line.starts_with(kStatus)) {
        status_ = line.substr(kStatus.size());
      } else if (line == "READY=1" && phase_ == Phase::starting) {
        became_ready();
      }
    }
  }
}

}  // namespace orama::installers
