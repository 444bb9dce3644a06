#include "cli/dev/dev_ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/dev/descriptor.h"

namespace orama::cli {
namespace {

// A listener on a free port of that address.
struct Listener {
  installers::Descriptor socket_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port = 0;

  explicit Listener(std::uint32_t host) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(host);
    socklen_t length = sizeof address;
    auto* name = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(socket_.get(), name, sizeof address) == 0);
    REQUIRE(listen(socket_.get(), 1) == 0);
    REQUIRE(getsockname(socket_.get(), name, &length) == 0);
    port = ntohs(address.sin_port);
  }
};

}  // namespace

TEST_CASE("a port that is held is named, on its address or on all") {
  int port = 0;
  {
    const Listener loopback(INADDR_LOOPBACK);
    port = loopback.port;
    const auto taken = check_ports_free({{"127.0.0.1", port}, {"127.0.1.1", port}});
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().code == Errc::conflict);
    CHECK(taken.error().message.find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
    CHECK(taken.error().message.find("127.0.1.1:") == std::string::npos);
  }
  CHECK(check_ports_free({{"127.0.0.1", port}, {"127.0.1.1", port}}).ok());
  const Listener everywhere(INADDR_ANY);
  const auto taken = check_ports_free({{"127.0.1.1", everywhere.port}});
  REQUIRE_FALSE(taken.ok());
  CHECK(taken.error().message.find("127.0.1.1:") != std::string::npos);
}

TEST_CASE("a node's ports are those of production, on its own address, and one of localhost") {
  const auto addresses = dev_addresses(2);
  REQUIRE(addresses.ok());
  const auto has = [&](const std::string& address, int port) {
    return std::any_of(addresses->begin(), addresses->end(), [&](const DevAddress& one) {
      return one.address == address && one.port == port;
    });
  };
  for (const int port : {5001, 7001, 6001, 6002}) {
    CHECK(has("127.0.1.1", port));
    CHECK(has("127.0.1.2", port));
  }
  CHECK(has("127.0.0.1", 6001));
  CHECK(has("127.0.0.1", 6002));
  CHECK_FALSE(has("127.0.0.1", 6003));
  CHECK_FALSE(has("127.0.1.3", 6001));
}

}  // namespace orama::cli
