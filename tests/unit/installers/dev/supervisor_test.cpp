// A whole supervisor in a process of its own, asked over its socket.
#include "installers/dev/supervisor.h"

#include <signal.h>
#include <stdlib.h>  // its W… macros, where it is included first
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/dev/child_process.h"
#include "installers/dev/control_message.h"
#include "installers/dev/node_root.h"
#include "installers/dev/unit_control.h"
#include "tests/support/temporary_folder.h"

namespace orama::installers {
namespace {

constexpr std::chrono::seconds kPatience{30};

class Running {
 public:
  Running() {
    std::filesystem::create_directories(folder_.path() + "/units");
    std::filesystem::create_directories(folder_.path() + "/node1");
    REQUIRE(write_file_atomically(folder_.path() + "/units/a.service",
                                  "[Service]\nType=exec\nExecStart=/bin/sleep 1000\n"
                                  "Restart=always\nRestartSec=1ms\n")
                .ok());
    pid_ = fork();
    if (pid_ == 0) {
      SystemClock clock;
      const Log log = Log::discard();
      Supervisor supervisor(folder_.path(), programs(), clock, log);
      const bool ended_well = supervisor.open().ok() && supervisor.run().ok();
      _exit(ended_well ? 0 : 1);
    }
    wait_until([this] { return client().ask({"hello", "", {}, 0}, kPatience).ok(); });
  }
  ~Running() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  DevPrograms programs() const { return {"/bin/false", {}, "/share", folder_.path() + "/units"}; }
  SupervisorClient client() const { return SupervisorClient(folder_.path() + "/supervisor.sock"); }
  NodeRoot root() const { return {folder_.path() + "/node1", programs()}; }
  const std::string& folder() const { return folder_.path(); }
  pid_t pid() const { return pid_; }

  int wait_for_end() {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    pid_ = 0;
    return status;
  }

  template <class Condition>
  static void wait_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, "waited in vain");
      usleep(2000);
    }
  }

 private:
  tests::TemporaryFolder folder_;
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("units of a node are started, described and stopped over the socket") {
  Running running;
  struct stat status{};
  REQUIRE(stat((running.folder() + "/supervisor.sock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  DevUnits units(running.root());
  REQUIRE(units.start("a.service").ok());
  REQUIRE(units.enable("a.service").ok());
  const auto state = units.state("a.service");
  REQUIRE(state.ok());
  CHECK(state->is_active());
  CHECK(state->is_enabled());
  CHECK(state->main_pid > 0);
  REQUIRE(units.restart("a.service").ok());
  CHECK(units.state("a.service")->main_pid != state->main_pid);
  REQUIRE(units.stop("a.service").ok());
  CHECK(units.state("a.service")->active == "inactive");
  const auto missing = units.start("b.service");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find("b.service") != std::string::npos);
  CHECK(units.state("c.service")->load == "not-found");
}

TEST_CASE("a shutdown ends every process, then the supervisor") {
  Running running;
  DevUnits units(running.root());
  REQUIRE(units.start("a.service").ok());
  const pid_t child = units.state("a.service")->main_pid;
  REQUIRE(running.client().ask({"shutdown", "", {}, 0}, kPatience).ok());
  CHECK(kill(child, 0) != 0);
  const int status = running.wait_for_end();
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  const auto gone = running.client().ask({"hello", "", {}, 0}, kPatience);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().code == Errc::unreachable);
}

TEST_CASE("a second supervisor does not start beside the first") {
  const Running running;
  SystemClock clock;
  const Log log = Log::discard();
  const auto second = Supervisor(running.folder(), running.programs(), clock, log).open();
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == Errc::locked);
}

TEST_CASE("a supervisor that is killed takes its children with it") {
  Running running;
  DevUnits units(running.root());
  REQUIRE(units.start("a.service").ok());
  const std::string child = process_identity(units.state("a.service")->main_pid);
  kill(running.pid(), SIGKILL);
  running.wait_for_end();
  Running::wait_until([&] { return !living_process(child).has_value(); });
}

TEST_CASE("nonsense on the socket is answered, and the supervisor goes on") {
  const Running running;
  for (const ControlRequest& bad :
       {ControlRequest{"dance", "node1", {"a.service"}, 0}, ControlRequest{"start", "", {}, 0},
        ControlRequest{"start", "../x", {}, 0}, ControlRequest{"start", "node1", {"x"}, 0}}) {
    const auto answer = running.client().ask(bad, kPatience);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == Errc::invalid_argument);
  }
  CHECK(running.client().ask({"hello", "", {}, 0}, kPatience).ok());
}

}  // namespace orama::installers
