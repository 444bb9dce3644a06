#include "installers/agent/mesh_back_end.h"

#include <atomic>
#include <string>

#include "common/log.h"
#include "common/result.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/agent/sample_mesh.h"

#include <doctest/doctest.h>

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Errc;
using orama::Log;

namespace {

struct Kernel {
  FakeHost fake;
  FakeIp ip{fake.commands};
  Log log = Log::to_stderr(orama::LogLevel::error);

  Kernel() { ip.present = false; }
  orama::Result<MeshBackEnd> make() { return make_kernel_device(fake.commands, log); }
};

constexpr const char* kAdd = "ip link add dev orama0 type wireguard";

}  // namespace

TEST_CASE("a kernel with WireGuard makes orama0") {
  Kernel kernel;
  kernel.fake.commands.on(kAdd, "");
  CHECK(kernel.make().value() == MeshBackEnd::kernel);
  CHECK(kernel.fake.commands.count(kAdd) == 1);
}

TEST_CASE("one that an earlier process left is kept with all that is set on it") {
  Kernel kernel;
  kernel.ip.present = true;
  kernel.ip.kind = "wireguard";
  CHECK(kernel.make().value() == MeshBackEnd::kernel);
  CHECK(kernel.fake.commands.count("ip link") == 0);
}

TEST_CASE("where the kernel makes none, wireguard-go does") {
  for (const char* refusal :
       {"Error: Unknown device type.", "RTNETLINK answers: Operation not supported",
        "RTNETLINK answers: Operation not permitted"}) {
    Kernel kernel;
    kernel.fake.commands.on(kAdd, "", 2, refusal);
    CHECK(kernel.make().value() == MeshBackEnd::wireguard_go);
  }
}

TEST_CASE("a host without ip(8) is an error, not a choice") {
  FakeHost bare;
  CHECK_FALSE(make_kernel_device(bare.commands, Log::to_stderr(orama::LogLevel::error)).ok());
}

TEST_CASE("the kernel's device goes away with the unit") {
  Kernel kernel;
  kernel.fake.commands.on("ip link delete dev orama0", "");
  std::atomic<bool> stop{false};
  int looks = 0;
  const auto index = [&]() -> unsigned {
    stop = ++looks >= 3;
    return 7;
  };
  REQUIRE(hold_kernel_device(kernel.fake.commands, kernel.fake.clock, index, stop).ok());
  CHECK(looks >= 3);
  CHECK(kernel.fake.commands.count("ip link delete dev orama0") == 1);
}

TEST_CASE("taken away by hand, it is an error: the unit starts again and makes a new one") {
  Kernel kernel;
  const std::atomic<bool> stop{false};
  int looks = 0;
  const auto held = hold_kernel_device(
      kernel.fake.commands, kernel.fake.clock, [&]() -> unsigned { return ++looks < 3 ? 7 : 0; },
      stop);
  REQUIRE_FALSE(held.ok());
  CHECK(held.error().code == Errc::unreachable);
  CHECK(kernel.fake.commands.count("ip link delete") == 0);
  const std::atomic<bool> stopped{true};
  CHECK(
      hold_kernel_device(kernel.fake.commands, kernel.fake.clock, [] { return 0U; }, stopped).ok());
}

TEST_CASE("a back end has a name for people") {
  CHECK(mesh_back_end_name("wireguard") == "kernel");
  CHECK(mesh_back_end_name("tun") == "wireguard-go");
  CHECK(mesh_back_end_name("") == "none");
  CHECK(mesh_back_end_name("bridge") == "none");
}
