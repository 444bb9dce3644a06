// The supervisor's units with real processes, driven as the supervisor does.
#include "installers/dev/supervised_node.h"

#include <poll.h>
#include <sched.h>  // pid_t, where it is included first
#include <signal.h>
#include <stdlib.h>  // its W… macros, where it is included first
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/clock.h"
#include "installers/dev/node_root.h"
#include "installers/dev/supervised_unit.h"
#include "installers/paths.h"
#include "tests/support/temporary_folder.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kPatience{30};

struct Bench {
  tests::TemporaryFolder folder;
  SystemClock clock;
  NodeRoot root{folder.path() + "/node1", {"/bin/false", {}, "/share", folder.path() + "/units"}};
  SupervisedNode node{root, clock, folder.path() + "/n."};

  Bench() {
    std::filesystem::create_directories(folder.path() + "/units");
    std::filesystem::create_directories(root.folder() + "/etc/orama");
    REQUIRE(node.open().ok());
  }
  ~Bench() {
    node.stop();
    pump([this] { return node.is_idle(); });
  }

  void unit_file(const std::string& name, const std::string& text) const {
    REQUIRE(write_file_atomically(folder.path() + "/units/" + name, text).ok());
  }
  std::string file(const std::string& name) const {
    const auto text = read_file(folder.path() + "/" + name);
    return text.ok() ? *text : "";
  }

  // One round of what the supervisor does, until `done`.
  void pump(const std::function<bool()>& done) {
    const SteadyTime deadline = clock.steady_now() + kPatience;
    while (!done()) {
      REQUIRE_MESSAGE(clock.steady_now() < deadline, "waited in vain");
      node.tick();
      for (const auto& [name, unit] : node.units()) {
        if (unit->executed_fd() >= 0) {
          unit->read_executed();
        }
        if (unit->notify_fd() >= 0) {
          unit->read_notification();
        }
        if (unit->log_fd() >= 0) {
          unit->read_log();
        }
        int status = 0;
        if (unit->pid() > 0 && waitpid(unit->pid(), &status, WNOHANG) == unit->pid()) {
          unit->child_ended(status);
        }
      }
      poll(nullptr, 0, 2);
    }
  }
  void start(const std::string& name) {
    node.unit(name).start();
    pump([&] { return node.unit(name).outcome().has_value(); });
  }
  bool is_active(const std::string& name) { return node.unit(name).state().is_active(); }
};

std::string service(const std::string& lines) {
  return "[Service]\nType=exec\nRestartSec=1ms\n" + lines + "\n";
}

}  // namespace

TEST_CASE("a unit runs, is started again when it dies, and stays down when stopped") {
  Bench bench;
  bench.unit_file("a.service", service("ExecStart=/bin/sleep 1000\nRestart=always"));
  bench.start("a.service");
  REQUIRE(bench.node.unit("a.service").outcome()->ok());
  CHECK(bench.is_active("a.service"));
  const pid_t first = bench.node.unit("a.service").pid();
  REQUIRE(first > 0);
  kill(first, SIGKILL);
  bench.pump(
      [&] { return bench.node.unit("a.service").restarts() == 1 && bench.is_active("a.service"); });
  CHECK(bench.node.unit("a.service").pid() != first);
  bench.node.unit("a.service").stop();
  bench.pump([&] { return bench.node.unit("a.service").is_idle(); });
  CHECK(bench.node.unit("a.service").state().active == "inactive");
  CHECK(kill(first, 0) != 0);
}

TEST_CASE("a unit that does not stop by itself is killed after its time") {
  Bench bench;
  bench.unit_file("a.service",
                  service("ExecStart=/bin/sh -c \"trap '' TERM; echo deaf; while :; do sleep 0.01; "
                          "done\"\nTimeoutStopSec=50ms\nRestart=always"));
  bench.start("a.service");
  bench.pump([&] {
    return read_file(bench.root.folder() + "/log/a.service.log").ok() &&
           read_file(bench.root.folder() + "/log/a.service.log")->find("deaf") != std::string::npos;
  });
  bench.node.unit("a.service").stop();
  bench.pump([&] { return bench.node.unit("a.service").is_idle(); });
  CHECK(bench.node.unit("a.service").state().active == "inactive");
}

TEST_CASE("what comes before the start must end well; its words stand in the error") {
  Bench bench;
  bench.unit_file("a.service", service("ExecStartPre=/bin/sh -c \"echo no way; exit 3\"\n"
                                       "ExecStart=/bin/sleep 1000"));
  bench.start("a.service");
  const auto& outcome = *bench.node.unit("a.service").outcome();
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().message.find("exit status 3") != std::string::npos);
  CHECK(outcome.error().message.find("no way") != std::string::npos);
  CHECK(bench.node.unit("a.service").state().active == "failed");
  bench.unit_file("a.service", service("ExecStartPre=-/bin/false\nExecStart=/bin/sleep 1000"));
  bench.start("a.service");
  CHECK(bench.node.unit("a.service").outcome()->ok());
}

TEST_CASE("a notifying unit is started when it says so") {
  Bench bench;
  // sh knows no datagram socket: perl, which every Debian has, is the service here.
  bench.unit_file(
      "a.service",
      "[Service]\nType=notify\nExecStart=/usr/bin/perl -MSocket -e 'socket(S,AF_UNIX,SOCK_DGRAM,0);"
      "sleep 1 while !-e \"" +
          bench.folder.path() +
          "/go\";"
          "send(S,\"STATUS=fine\\\\nREADY=1\",0,pack_sockaddr_un($ENV{NOTIFY_SOCKET}));sleep "
          "1000'\n");
  bench.node.unit("a.service").start();
  bench.pump([&] { return bench.node.unit("a.service").state().sub == "start"; });
  CHECK_FALSE(bench.node.unit("a.service").outcome().has_value());
  REQUIRE(write_file_atomically(bench.folder.path() + "/go", "").ok());
  bench.pump([&] { return bench.node.unit("a.service").outcome().has_value(); });
  CHECK(bench.is_active("a.service"));
  CHECK(bench.node.unit("a.service").status() == "fine");
}

TEST_CASE("credentials, environment and folders are there at the start") {
  Bench bench;
  REQUIRE(
      write_file_atomically(bench.root.path("/etc/orama/key"), "secret\n", {0600, {}, {}}).ok());
  REQUIRE(write_file_atomically(bench.root.path("/etc/orama/x.env"), "B=two words\n").ok());
  bench.unit_file(
      "orama-a@x.service",
      service("LoadCredential=k:/etc/orama/key\nEnvironment=A=/etc/orama/y\n"
              "EnvironmentFile=/etc/orama/%i.env\nEnvironmentFile=-/etc/orama/none.env\n"
              "StateDirectory=orama/a\nStateDirectoryMode=0700\n"
              "ExecStart=/bin/sh -c 'cat $CREDENTIALS_DIRECTORY/k; echo $A; echo $B; echo "
              "$STATE_DIRECTORY; echo %i; exec sleep 1000'"));
  std::filesystem::rename(bench.folder.path() + "/units/orama-a@x.service",
                          bench.folder.path() + "/units/orama-a@.service");
  bench.start("orama-a@x.service");
  REQUIRE(bench.node.unit("orama-a@x.service").outcome()->ok());
  const std::string log = bench.root.folder() + "/log/orama-a@x.service.log";
  bench.pump([&] { return read_file(log)->ends_with("x\n"); });
  CHECK(*read_file(log) == "secret\n" + bench.root.path("/etc/orama/y") + "\ntwo words\n" +
                               bench.root.path("/var/lib/orama/a") + "\nx\n");
  const std::string credentials = bench.root.folder() + "/run/credentials/orama-a@x.service";
  CHECK(std::filesystem::exists(credentials + "/k"));
  bench.node.stop();
  bench.pump([&] { return bench.node.is_idle(); });
  CHECK_FALSE(std::filesystem::exists(credentials));
}

TEST_CASE("a unit whose condition does not hold is left alone, and that is no failure") {
  Bench bench;
  bench.unit_file("a.service", "[Unit]\nConditionPathExists=/etc/orama/none\n" +
                                   service("ExecStart=/bin/sleep 1000\nRestart=always"));
  bench.start("a.service");
  CHECK(bench.node.unit("a.service").outcome()->ok());
  CHECK(bench.node.unit("a.service").state().result == "condition");
  CHECK_FALSE(bench.is_active("a.service"));
}

TEST_CASE(
    "a boot starts what is enabled in order, once the target is, and a power cut ends by itself") {
  Bench bench;
  bench.unit_file("a.service", "[Unit]\nAfter=b.service\n" +
                                   service("ExecStart=/bin/sh -c \"echo a >> " +
                                           bench.folder.path() + "/order; exec sleep 1000\""));
  bench.unit_file("b.service",
                  service("ExecStartPre=/bin/sh -c \"sleep 0.1; echo b >> " + bench.folder.path() +
                          "/order\"\nExecStart=/bin/sleep 1000"));
  bench.unit_file(paths::kTarget, "[Unit]\nDescription=all\n");
  REQUIRE(bench.node.enable("a.service").ok());
  REQUIRE(bench.node.enable("b.service").ok());
  bench.node.boot();
  CHECK(bench.node.is_idle());  // not whole: its install goes on
  REQUIRE(bench.node.enable(paths::kTarget).ok());
  bench.node.boot();
  bench.pump([&] { return bench.is_active("a.service") && bench.is_active("b.service"); });
  bench.pump([&] { return bench.file("order") == "b\na\n"; });

  bench.node.cut_power(bench.clock.steady_now() + std::chrono::milliseconds(20));
  CHECK(bench.node.is_off());
  bench.pump([&] { return bench.is_active("a.service") && !bench.node.is_off(); });
  SupervisedNode again(bench.root, bench.clock, bench.folder.path() + "/m.");
  REQUIRE(again.open().ok());
  CHECK(again.state("a.service").is_enabled());
  CHECK(again.state("none.service").load == "not-found");
}

TEST_CASE("what a killed supervisor left running is found and killed") {
  Bench bench;
  bench.unit_file("a.service", service("ExecStart=/bin/sleep 1000"));
  bench.start("a.service");
  const pid_t pid = bench.node.unit("a.service").pid();
  REQUIRE(kill_leftovers(bench.root.folder()).ok());
  bench.pump([&] { return bench.node.unit("a.service").is_idle(); });
  CHECK(kill(pid, 0) != 0);
}

}  // namespace orama::installers
