#include "installers/dev/dev_mesh_device.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "common/crypto/keys.h"
#include "common/mesh/ip_address.h"
#include "installers/agent/mesh_device.h"
#include "tests/support/fake_host.h"

namespace orama::installers {

TEST_CASE("the mesh device that is none has the identity and the peers it was given") {
  tests::FakeClock clock;
  tests::FixedRandom random;
  DevMeshDevice device(clock);
  const auto own = crypto::make_x25519(random);
  REQUIRE(device.set_identity(own.private_key, 51820).ok());
  const std::string peer(32, 'p');
  const auto address = mesh::IpAddress::parse("127.0.1.2");
  using Action = MeshPeerChange::Action;
  REQUIRE(device.change_peers({{Action::set, peer, *address, ""}}).ok());
  REQUIRE(device.change_peers({{Action::set_endpoint, peer, {}, "203.0.113.1:51820"}}).ok());
  const auto state = device.read();
  REQUIRE(state.ok());
  CHECK(state->public_key == own.public_key);
  CHECK(state->listen_port == 51820);
  REQUIRE(state->peers.size() == 1);
  CHECK(state->peers[0].mesh_ip == *address);
  CHECK(state->peers[0].last_handshake ==
        std::chrono::duration_cast<std::chrono::seconds>(clock.wall_now().time_since_epoch()));
  REQUIRE(device.change_peers({{Action::remove, peer, {}, ""}}).ok());
  CHECK(device.read()->peers.empty());
}

}  // namespace orama::installers
