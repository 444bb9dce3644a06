#include "installers/agent/uapi_device.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "tests/support/temporary_folder.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using orama::Errc;

namespace {

// One connection's worth of a control socket: keeps the request, sends `answer`, closes.
class FakeSocket {
 public:
  FakeSocket(const std::string& path, std::string answer)
      : descriptor_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof(address.sun_path));
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(listen(descriptor_, 1) == 0);
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  ~FakeSocket() {
    shutdown(descriptor_, SHUT_RDWR);
    thread_.join();
    close(descriptor_);
  }
  // After the device's call has returned.
  std::string request() const { return request_; }

 private:
  void serve(const std::string& answer) {
    const int peer = accept(descriptor_, nullptr, nullptr);
    if (peer < 0) {
      return;
    }
    std::array<char, 4096> buffer{};
    while (!request_.ends_with("\n\n")) {
      const ssize_t count = recv(peer, buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        break;
      }
      request_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    static_cast<void>(send(peer, answer.data(), answer.size(), MSG_NOSIGNAL));
    if (answer.empty()) {
      static_cast<void>(
          recv(peer, buffer.data(), buffer.size(), 0));  // says nothing until the caller gives up
    }
    close(peer);
  }

  int descriptor_;
  std::string request_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("the device is read over its control socket") {
  const orama::tests::TemporaryFolder folder;
  const std::string path = folder.path() + "/s";
  const FakeSocket socket(path, "listen_port=51820\nerrno=0\n\n");
  UapiDevice device(path);
  const auto state = device.read();
  REQUIRE(state.ok());
  CHECK(state->listen_port == 51820);
  CHECK(socket.request() == "get=1\n\n");
}

TEST_CASE("a refused request is an error") {
  const orama::tests::TemporaryFolder folder;
  const std::string path = folder.path() + "/s";
  const FakeSocket socket(path, "errno=-22\n\n");
  UapiDevice device(path);
  CHECK_FALSE(device.set_identity(orama::crypto::Secret(std::string(32, 'k')), 51820).ok());
  CHECK(socket.request().starts_with("set=1\nprivate_key=6b6b"));
}

TEST_CASE("a socket without a process, a silent one and one that is cut off are told apart") {
  const orama::tests::TemporaryFolder folder;
  UapiDevice nobody(folder.path() + "/none");
  CHECK(nobody.read().error().code == Errc::unreachable);
  {
    const FakeSocket silent(folder.path() + "/silent", "");
    UapiDevice device(folder.path() + "/silent", std::chrono::milliseconds(50));
    CHECK(device.read().error().code == Errc::timeout);
  }
  {
    const FakeSocket cut(folder.path() + "/cut", "listen_port=51820\n");
    UapiDevice device(folder.path() + "/cut");
    CHECK(device.read().error().message.find("cut off") != std::string::npos);
  }
}

TEST_CASE("nothing is sent when nothing is to change") {
  UapiDevice device("/nonexistent/socket");
  CHECK(device.change_peers({}).ok());
}
