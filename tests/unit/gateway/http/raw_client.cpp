#include "tests/unit/gateway/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/http/header_text.h"

namespace orama::gateway::http::testing {

namespace {

constexpr int kReadDeadlineMs = 20'000;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = ascii_lower(c);
  }
  return result;
}

}  // namespace

RawClient RawClient::tcp(int port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(descriptor);
    return RawClient(-1);
  }
  return RawClient(descriptor);
}

RawClient RawClient::unix_socket(const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(descriptor);
    return RawClient(-1);
  }
  return RawClient(descriptor);
}

RawClient::RawClient(RawClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

RawClient::~RawClient() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::receive() {
  pollfd ready{descriptor_, POLLIN, 0};
  if (::poll(&ready, 1, kReadDeadlineMs) <= 0) {
    return false;
  }
  std::array<char, 65536> bytes{};
  const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
  if (count <= 0) {
    return false;
  }
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

Answer RawClient::read(Body body) {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) {
      return {};
    }
  }
  Answer answer;
  answer.head = received_.substr(0, end + 4);
  received_.erase(0, end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  std::string_view lines = answer.head;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      answer.headers[lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
    }
  }
  const auto length = answer.headers.find("content-length");
  const std::size_t size =
      body == Body::none || length == answer.headers.end() ? 0 : std::stoul(length->second);
  while (received_.size() < size) {
    if (!receive()) {
      return {};
    }
  }
  answer.body = received_.substr(0, size);
  received_.erase(0, size);
  return answer;
}

bool RawClient::is_closed() {
  if (!received_.empty()) {
    return false;
  }
  pollfd ready{descriptor_, POLLIN, 0};
  return ::poll(&ready, 1, kReadDeadlineMs) > 0 && !receive();
}

Answer RawClient::ask(std::string_view bytes) {
  return send(bytes) ? read() : Answer();
}

}  // namespace orama::gateway::http::testing
