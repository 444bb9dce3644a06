#include "installers/host/path_mtu.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/echo_prober.h"
#include "installers/paths.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/fake_path.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;

namespace {

const auto kV4 = orama::mesh::IpAddress::parse("203.0.113.11").value();
const auto kV6 = orama::mesh::IpAddress::parse("2001:db8::11").value();

}  // namespace

TEST_CASE("a path is measured to the byte, less what WireGuard adds") {
  struct Row {
    orama::mesh::IpAddress address;
    int path, most, mesh;
  };
  for (const Row& row :
       {Row{kV4, 1500, 1420, 1420}, Row{kV4, 1480, 1420, 1420}, Row{kV4, 1479, 1420, 1419},
        Row{kV4, 1280, 1420, 1220}, Row{kV4, 1260, 1420, 1200}, Row{kV4, 1259, 1420, 1200},
        Row{kV6, 1500, 1420, 1420}, Row{kV6, 1499, 1420, 1419}, Row{kV6, 1280, 1420, 1200},
        Row{kV6, 1281, 1420, 1201}, Row{kV4, 1500, 8920, 1440}, Row{kV4, 1500, 1200, 1200}}) {
    CAPTURE(row.path);
    FakePath path;
    path.carries = row.path;
    CHECK(measure_mesh_mtu(path, row.address, row.most).value() == row.mesh);
  }
}

TEST_CASE("a path that carries everything costs one echo, one that answers nothing few") {
  FakePath path;
  CHECK(measure_mesh_mtu(path, kV4, 1420).value() == 1420);
  CHECK(path.sizes == std::vector<int>{1480});
  FakePath silent;
  silent.carries = 0;
  CHECK(measure_mesh_mtu(silent, kV4, 1420).value() == kSmallestMeshMtu);
  CHECK(silent.sizes == std::vector<int>{1480, 1480, 1480, 1260, 1260, 1260});
}

TEST_CASE(
    "an echo that is lost by chance makes no path narrower; one that cannot be sent is told") {
  FakePath path;
  path.lost = 2;
  CHECK(measure_mesh_mtu(path, kV4, 1420).value() == 1420);
  path.refused = true;
  CHECK(measure_mesh_mtu(path, kV4, 1420).error().code == Errc::failed);
}

TEST_CASE("what was saved is read back; nonsense counts as what works everywhere") {
  FakeHost fake;
  fake.files.put_directory("/var/lib/orama/agent");
  CHECK_FALSE(saved_mesh_mtu(fake.files).has_value());
  REQUIRE(save_mesh_mtu(fake.files, 1220).ok());
  CHECK(saved_mesh_mtu(fake.files) == 1220);
  for (const char* text : {"", "{", "[]", "7", R"({"mesh_mtu":"1220"})", R"({"mesh_mtu":0})",
                           R"({"mesh_mtu":-1})", R"({"mesh_mtu":1e9})", R"({"mesh_mtu":1199})"}) {
    CAPTURE(text);
    fake.files.put(paths::kPathMtu, text);
    CHECK(saved_mesh_mtu(fake.files) == kSmallestMeshMtu);
  }
  CHECK(smaller_mtu(1420, std::nullopt) == 1420);
  CHECK(smaller_mtu(1420, 1220) == 1220);
  CHECK(smaller_mtu(1320, 9000) == 1320);
}

TEST_CASE("no echo is smaller than its headers or larger than a packet can be") {
  EchoProber prober;
  CHECK(prober.answers(kV4, 27).error().code == Errc::invalid_argument);
  CHECK(prober.answers(kV6, 47).error().code == Errc::invalid_argument);
  CHECK(prober.answers(kV4, 65536).error().code == Errc::invalid_argument);
  CHECK(prober.answers(kV4, -1).error().code == Errc::invalid_argument);
}

TEST_CASE("loopback answers an echo over both families, where this process may ask") {
  EchoProber prober;
  for (const char* text : {"127.0.0.1", "::1"}) {
    const auto answered = prober.answers(orama::mesh::IpAddress::parse(text).value(), 1480);
    if (!answered.ok()) {
      CHECK(answered.error().message.find("refused") != std::string::npos);  // not root
      continue;
    }
    CHECK(*answered);
  }
}
