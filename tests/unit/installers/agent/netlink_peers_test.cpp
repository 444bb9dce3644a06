#include "installers/agent/netlink_peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/host_mesh_device.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/netlink_device.h"
#include "tests/unit/installers/agent/fake_mesh_device.h"
#include "tests/unit/installers/agent/sample_mesh.h"

#include <doctest/doctest.h>

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;

namespace {

using Action = MeshPeerChange::Action;

const std::string kKey(32, 'k');
const std::string kOther(32, 'o');

MeshPeerChange change(Action action, const std::string& key, const std::string& mesh_ip = "",
                      const std::string& endpoint = "") {
  MeshPeerChange result;
  result.action = action;
  result.public_key = key;
  if (!mesh_ip.empty()) {
    result.mesh_ip = orama::mesh::IpAddress::parse(mesh_ip).value();
  }
  result.endpoint = endpoint;
  return result;
}

struct Request {
  NetlinkPeers peers;
  wg_device device{};

  explicit Request(const std::vector<MeshPeerChange>& changes,
                   const std::set<std::string>& known = {})
      : peers(NetlinkPeers::make(changes, known).value()) {
    peers.attach_to(device);
  }
};

std::string text_of(const wg_key& key) {
  return {reinterpret_cast<const char*>(key), sizeof(wg_key)};
}

}  // namespace

TEST_CASE("a peer that is set has its one address, keepalive and IPv4 endpoint") {
  const Request request({change(Action::set, kKey, "10.0.0.2", "203.0.113.12:51820")});
  const wg_peer* peer = request.device.first_peer;
  REQUIRE(peer != nullptr);
  CHECK(request.device.last_peer == peer);
  CHECK(peer->next_peer == nullptr);
  CHECK(text_of(peer->public_key) == kKey);
  CHECK(peer->flags == (WGPEER_HAS_PUBLIC_KEY | WGPEER_REPLACE_ALLOWEDIPS |
                        WGPEER_HAS_PERSISTENT_KEEPALIVE_INTERVAL));
  CHECK(peer->persistent_keepalive_interval == 25);
  REQUIRE(peer->first_allowedip != nullptr);
  CHECK(peer->last_allowedip == peer->first_allowedip);
  CHECK(peer->first_allowedip->next_allowedip == nullptr);
  CHECK(peer->first_allowedip->family == AF_INET);
  CHECK(peer->first_allowedip->cidr == 32);
  CHECK(peer->first_allowedip->ip4.s_addr == inet_addr("10.0.0.2"));
  CHECK(peer->endpoint.addr4.sin_family == AF_INET);
  CHECK(peer->endpoint.addr4.sin_port == htons(51820));
  CHECK(peer->endpoint.addr4.sin_addr.s_addr == inet_addr("203.0.113.12"));
}

TEST_CASE("an IPv6 endpoint, and none at all") {
  const Request request({change(Action::set, kKey, "10.0.0.2", "[2001:db8::12]:4242"),
                         change(Action::set, kOther, "10.0.0.3")});
  const wg_peer* peer = request.device.first_peer;
  CHECK(peer->endpoint.addr6.sin6_family == AF_INET6);
  CHECK(peer->endpoint.addr6.sin6_port == htons(4242));
  in6_addr wanted{};
  REQUIRE(inet_pton(AF_INET6, "2001:db8::12", &wanted) == 1);
  CHECK(std::memcmp(&peer->endpoint.addr6.sin6_addr, &wanted, sizeof(wanted)) == 0);
  REQUIRE(peer->next_peer != nullptr);
  CHECK(request.device.last_peer == peer->next_peer);
  CHECK(peer->next_peer->endpoint.addr.sa_family == AF_UNSPEC);  // what the kernel knows stays
  CHECK(peer->next_peer->first_allowedip->ip4.s_addr == inet_addr("10.0.0.3"));
}

TEST_CASE("a new endpoint touches nothing else, and makes no peer") {
  const std::vector<MeshPeerChange> changes = {
      change(Action::set_endpoint, kKey, "", "203.0.113.99:1")};
  const Request request(changes, {kKey});
  REQUIRE(request.device.first_peer != nullptr);
  CHECK(request.device.first_peer->flags == WGPEER_HAS_PUBLIC_KEY);
  CHECK(request.device.first_peer->first_allowedip == nullptr);
  CHECK(request.device.first_peer->endpoint.addr4.sin_port == htons(1));
  const Request unknown(changes);
  CHECK(unknown.peers.empty());
  CHECK(unknown.device.first_peer == nullptr);
  const Request made_before({change(Action::set, kKey, "10.0.0.2"), changes[0]});
  CHECK(made_before.device.first_peer->next_peer != nullptr);
}

TEST_CASE("a removed peer is named and marked, an unknown one left out") {
  const Request request({change(Action::remove, kKey), change(Action::remove, kOther)}, {kKey});
  REQUIRE(request.device.first_peer != nullptr);
  CHECK(request.device.first_peer->flags == (WGPEER_HAS_PUBLIC_KEY | WGPEER_REMOVE_ME));
  CHECK(request.device.first_peer->next_peer == nullptr);
}

TEST_CASE("what is no peer is refused before anything is sent") {
  for (const MeshPeerChange& bad :
       {change(Action::set, "short", "10.0.0.2"), change(Action::set, kKey),
        change(Action::set, kKey, "2001:db8::1"),
        change(Action::set, kKey, "10.0.0.2", "name.example.com:51820"),
        change(Action::set, kKey, "10.0.0.2", "203.0.113.12:70000")}) {
    const auto made = NetlinkPeers::make({change(Action::set, kOther, "10.0.0.3"), bad}, {});
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == Errc::invalid_argument);
  }
}

TEST_CASE("what the kernel says of a device is read without its private key") {
  Request answer({change(Action::set, kKey, "10.0.0.2", "203.0.113.12:51820"),
                  change(Action::set, kOther, "10.0.0.3", "[fe80::1]:51820")});
  wg_peer& first = *answer.device.first_peer;
  first.last_handshake_time.tv_sec = 1732449612;
  first.rx_bytes = 180;
  first.tx_bytes = 92;
  wg_allowedip range{};
  range.family = AF_INET;
  range.cidr = 24;
  first.next_peer->first_allowedip = &range;
  answer.device.listen_port = 51820;
  CHECK(state_of(answer.device).public_key.empty());
  answer.device.flags = WGDEVICE_HAS_PUBLIC_KEY;
  std::memset(answer.device.public_key, 'p', sizeof(wg_key));
  std::memset(answer.device.private_key, 's', sizeof(wg_key));
  const MeshDeviceState state = state_of(answer.device);
  CHECK(state.public_key == std::string(32, 'p'));
  CHECK(state.listen_port == 51820);
  REQUIRE(state.peers.size() == 2);
  CHECK(state.peers[0].public_key == kKey);
  CHECK(state.peers[0].mesh_ip->to_string() == "10.0.0.2");
  CHECK(state.peers[0].endpoint == "203.0.113.12:51820");
  CHECK(state.peers[0].last_handshake == std::chrono::seconds(1732449612));
  CHECK(state.peers[0].received_bytes == 180);
  CHECK(state.peers[0].sent_bytes == 92);
  CHECK_FALSE(state.peers[1].mesh_ip.has_value());  // a range is no node
  CHECK(state.peers[1].endpoint.empty());           // link-local: no address of a member
  CHECK_FALSE(state.peers[1].last_handshake.has_value());
}

TEST_CASE("only a device that is not there sends the caller to the other back end") {
  for (const int absent : {-EPROTONOSUPPORT, -ENODEV, -EOPNOTSUPP}) {
    CHECK(netlink_error("orama0", "reading", absent).code == Errc::unreachable);
  }
  CHECK(netlink_error("orama0", "reading", -EPERM).code == Errc::not_allowed);
  CHECK(netlink_error("orama0", "setting", -EADDRINUSE).code == Errc::failed);
  const auto none = NetlinkDevice("orama-no-such0").read();  // whatever this machine's kernel is
  REQUIRE_FALSE(none.ok());
  CHECK((none.error().code == Errc::unreachable || none.error().code == Errc::not_allowed));
}

TEST_CASE("each call goes to the kernel's device, and to wireguard-go's only where that is away") {
  auto kernel = std::make_unique<FakeMeshDevice>();
  auto user_space = std::make_unique<FakeMeshDevice>();
  FakeMeshDevice& in_kernel = *kernel;
  FakeMeshDevice& in_user_space = *user_space;
  HostMeshDevice device(std::move(kernel), std::move(user_space));
  in_kernel.set_gone(true);
  in_user_space.add_peer({kKey, {}, "", {}, 0, 0});
  REQUIRE(device.read()->peers.size() == 1);
  in_kernel.set_gone(false);
  CHECK(device.read()->peers.empty());
  REQUIRE(device.set_identity(sample_private_key(), 51820).ok());
  CHECK(in_kernel.identities == 1);
  CHECK(in_user_space.identities == 0);
  REQUIRE(device.change_peers({change(Action::set, kOther, "10.0.0.3")}).ok());
  CHECK(in_kernel.applied.size() == 1);
  CHECK(in_user_space.applied.empty());
}
