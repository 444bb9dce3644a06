#include "installers/host/disk_space.h"

#include <string>

#include <doctest/doctest.h>

#include "common/result.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

constexpr const char* kDfEtc = "df --output=avail,itotal,iavail --block-size=1 /etc";
constexpr const char* kDfLib = "df --output=avail,itotal,iavail --block-size=1 /var/lib";

std::string row(const std::string& numbers) {
  return "      Avail Inodes IFree\n" + numbers + "\n";
}

Error failure() {
  return make_error(Errc::failed, "`systemd-sysusers` ended with status 1");
}

TEST_CASE("df's row is read, with and without a number of inodes") {
  FakeHost fake;
  fake.commands.on(kDfEtc, row("  5368709120 327680 300000"));
  const auto space = installers::disk_space(fake.commands, "/etc");
  REQUIRE(space);
  CHECK(space->bytes == 5368709120U);
  CHECK(space->inodes_total == 327680);
  CHECK(space->inodes == 300000);
  fake.commands.on(kDfLib, row("4096 - -"));
  const auto without = installers::disk_space(fake.commands, "/var/lib");
  REQUIRE(without);
  CHECK(without->inodes_total == 0);
  CHECK_FALSE(installers::disk_space(fake.commands, "/srv"));  // df does not answer
}

TEST_CASE("a failure on a full disk says that the disk is full") {
  FakeHost fake;
  fake.commands.on(kDfEtc, row("65536 1000 1000"));
  fake.commands.on(kDfLib, row("65535 1000 1000"));
  const Error error = installers::with_full_disk(fake.commands, failure());
  CHECK(error.message ==
        "`systemd-sysusers` ended with status 1; no space left on the disk of /var/lib (65535 "
        "bytes free)");
  CHECK(error.hint.find("Free some space") != std::string::npos);
}

TEST_CASE("no inodes is full too; one that has no fixed number is not") {
  FakeHost fake;
  fake.commands.on(kDfEtc, row("5368709120 1000 0"));
  CHECK(installers::with_full_disk(fake.commands, failure()).message.find("no inode") !=
        std::string::npos);
  FakeHost other;
  other.commands.on(kDfEtc, row("5368709120 0 0"));
  other.commands.on(kDfLib, row("5368709120 - -"));
  CHECK(installers::with_full_disk(other.commands, failure()).message == failure().message);
}

TEST_CASE("an error that says so itself, and one on a disk with room, stay as they are") {
  FakeHost fake;
  fake.commands.on(kDfEtc, row("0 1000 1000"));
  const Error said = make_error(Errc::failed, "writing /etc/x: No space left on device");
  CHECK(installers::with_full_disk(fake.commands, said).message == said.message);
  FakeHost roomy;
  roomy.commands.on(kDfEtc, row("65536 1000 1000"));
  roomy.commands.on(kDfLib, row("65536 1000 1"));
  CHECK(installers::with_full_disk(roomy.commands, failure()).message == failure().message);
}

}  // namespace
}  // namespace orama::tests
