#include "installers/host/mesh_interface.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/sample_mesh.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using orama::Errc;
using orama::tests::FakeHost;
using orama::tests::FakeIp;

namespace {

MeshInterfaceWanted wanted(int mtu = 1420) {
  return {orama::mesh::IpAddress::parse("10.0.0.1").value(), 24, mtu};
}

}  // namespace

TEST_CASE("a bare interface gets address, MTU and is set up; a second look changes nothing") {
  FakeHost fake;
  FakeIp ip(fake.commands);
  ip.mtu = 1280;
  const auto first = apply_mesh_interface(fake.host.commands, "orama0", wanted());
  REQUIRE(first.ok());
  CHECK(*first);
  CHECK(ip.address == "10.0.0.1/24");
  CHECK(ip.mtu == 1420);
  CHECK(ip.up);

  fake.commands.forget_calls();
  const auto second = apply_mesh_interface(fake.host.commands, "orama0", wanted());
  REQUIRE(second.ok());
  CHECK_FALSE(*second);
  CHECK(fake.commands.calls().size() == 1);  // the look
}

TEST_CASE("an address of before is taken off") {
  FakeHost fake;
  FakeIp ip(fake.commands);
  ip.address = "10.9.0.1/24";
  REQUIRE(apply_mesh_interface(fake.host.commands, "orama0", wanted()).ok());
  CHECK(fake.commands.count("ip address delete 10.9.0.1/24 dev orama0") == 1);
}

TEST_CASE("no interface is not_found, not a silent success") {
  FakeHost fake;
  FakeIp ip(fake.commands);
  ip.present = false;
  const auto applied = apply_mesh_interface(fake.host.commands, "orama0", wanted());
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().code == Errc::not_found);
  CHECK(fake.commands.count("ip address replace") == 0);
}

TEST_CASE("the mesh MTU is the uplink's less 80, at least 1200, 1420 without a default route") {
  struct Row {
    int uplink, mesh;
  };
  for (const Row row :
       {Row{1500, 1420}, Row{9000, 8920}, Row{1400, 1320}, Row{1280, 1200}, Row{1279, 1200}}) {
    CAPTURE(row.uplink);
    FakeHost fake;
    FakeIp ip(fake.commands);
    ip.uplink_mtu = row.uplink;
    CHECK(mesh_mtu(fake.host.commands).value() == row.mesh);
  }
  FakeHost bare;
  bare.commands.on("ip -json -4 route show default", "[]");
  bare.commands.on("ip -json -6 route show default", "");
  CHECK(mesh_mtu(bare.host.commands).value() == 1420);
}

TEST_CASE("of several uplinks the smallest MTU counts, also an IPv6 one") {
  FakeHost fake;
  FakeIp ip(fake.commands);
  fake.commands.on("ip -json -6 route show default", R"([{"dst":"default","dev":"tun6"}])");
  fake.commands.on("ip -json link show dev tun6", R"([{"ifname":"tun6","mtu":1480}])");
  CHECK(mesh_mtu(fake.host.commands).value() == 1400);
}

TEST_CASE("what ip prints is read, whatever it prints") {
  const auto state = parse_ip_address_json(
      R"([{},{"ifname":"orama0","flags":["NOARP"],"mtu":1420,"addr_info":[
          {"family":"inet","local":"10.0.0.1","prefixlen":24},{"family":"inet6","local":"fe80::1","prefixlen":64}]}])");
  REQUIRE(state.ok());
  CHECK(state->present);
  CHECK_FALSE(state->up);
  CHECK(state->addresses == std::vector<std::string>{"10.0.0.1/24"});
  CHECK_FALSE(parse_ip_address_json("[]")->present);
  for (const char* bad : {"{", "{}", "null", "7", "[{\"ifname\":"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_ip_address_json(bad).ok());
    CHECK_FALSE(parse_default_route_devices(bad).ok());
  }
  CHECK(
      parse_default_route_devices(R"([{"dev":"a"},{"dev":"a"},{"dev":3},7,{"dev":"b"}])").value() ==
      std::vector<std::string>{"a", "b"});
}
