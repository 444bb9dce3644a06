// Real processes of this machine: sh, cat, head, env, ls.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "tests/support/temporary_folder.h"

namespace orama::tests {
namespace {

using installers::Command;
using installers::ProcessRunner;

Command shell(const std::string& script) {
  return Command({"sh", "-c", script});
}

// Gone, or a zombie that its new parent has not collected yet.
bool is_dead(const std::string& pid) {
  const auto stat = read_file("/proc/" + pid + "/stat");
  return !stat.ok() || stat->find(") Z ") != std::string::npos;
}

bool dies(const std::string& pid) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!is_dead(pid)) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

TEST_CASE("output, error output and exit status come back apart") {
  ProcessRunner runner;
  const auto output = runner.run(shell("echo out; echo err >&2; exit 7"));
  REQUIRE(output.ok());
  CHECK(output->out == "out\n");
  CHECK(output->err == "err\n");
  CHECK(output->exit_status == 7);
}

TEST_CASE("a death by signal is 128 and its number") {
  ProcessRunner runner;
  CHECK(runner.run(shell("kill -9 $$"))->exit_status == 137);
}

TEST_CASE("a program that is not there is named") {
  ProcessRunner runner;
  const auto missing = runner.run(Command({"orama-no-such-program"}));
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().message.find("orama-no-such-program") != std::string::npos);
  CHECK(runner.run(Command({"/nowhere/program"})).error().code == Errc::not_found);
}

TEST_CASE("input reaches the program whole, also when it is larger than any pipe") {
  ProcessRunner runner;
  Command count({"wc", "-c"});
  count.input = std::string(3'000'000, 'x');
  CHECK(runner.run(count)->out == "3000000\n");
  CHECK(runner.run(Command({"wc", "-c"}))->out == "0\n");
}

TEST_CASE("output past 1 MiB is dropped, and the program still ends by itself") {
  ProcessRunner runner;
  const auto output =
      runner.run(shell("head -c 3000000 /dev/zero; head -c 1048577 /dev/zero >&2; exit 3"));
  REQUIRE(output.ok());
  CHECK(output->exit_status == 3);
  CHECK(output->out.size() == 1024UL * 1024);
  CHECK(output->err.size() == 1024UL * 1024);
}

TEST_CASE("a program sees a fixed environment and what the command adds, no more") {
  ::setenv("ORAMA_TEST_SECRET", "hunter2", 1);
  ProcessRunner runner;
  Command command({"env"});
  command.environment = {{"DEBIAN_FRONTEND", "noninteractive"}};
  const auto output = runner.run(command);
  ::unsetenv("ORAMA_TEST_SECRET");
  REQUIRE(output.ok());
  CHECK(output->out ==
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        "LANG=C.UTF-8\nHOME=/root\nDEBIAN_FRONTEND=noninteractive\n");
}

TEST_CASE("a program inherits no descriptor but the first three") {
  const int leaked = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  ProcessRunner runner;
  const auto output = runner.run(Command({"ls", "/proc/self/fd"}));
  ::close(leaked);
  REQUIRE(output.ok());
  CHECK(output->out == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_CASE("past its time a program is stopped with all that it started") {
  TemporaryFolder folder;
  const std::string pid_file = folder.file("pid");
  Command command = shell("sleep 600 & echo $! > " + pid_file + "; wait");
  command.timeout = std::chrono::milliseconds(500);
  ProcessRunner runner;
  const auto stopped = runner.run(command);
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Errc::timeout);
  CHECK(stopped.error().message.find("did not end within 500 ms") != std::string::npos);
  std::string pid = read_file(pid_file).value();
  pid.pop_back();
  CHECK(dies(pid));
}

TEST_CASE("a program that ignores SIGTERM is killed") {
  TemporaryFolder folder;
  Command command =
      shell("trap '' TERM; echo $$ > " + folder.file("pid") + "; while :; do sleep 1; done");
  command.timeout = std::chrono::milliseconds(300);
  ProcessRunner runner;
  CHECK(runner.run(command).error().code == Errc::timeout);
  std::string pid = read_file(folder.file("pid")).value();
  pid.pop_back();
  CHECK(dies(pid));
}

TEST_CASE("a daemon that a program leaves behind does not hold the caller up") {
  ProcessRunner runner;
  const auto begun = std::chrono::steady_clock::now();
  const auto output = runner.run(shell("sleep 30 & echo $!"));
  REQUIRE(output.ok());
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
  CHECK(output->exit_status == 0);
  const int pid = std::stoi(output->out);
  CHECK_FALSE(is_dead(std::to_string(pid)));
  ::kill(pid, SIGKILL);
}

TEST_CASE("each command is shown as it starts, its input never") {
  std::vector<std::string> shown;
  ProcessRunner runner([&](const Command& command) { shown.push_back(command.to_string()); });
  Command command({"cat", "-", "it's", "a b", ""});
  command.input = "hunter2";
  static_cast<void>(runner.run(command));
  CHECK(shown == std::vector<std::string>{R"(cat - 'it'\''s' 'a b' '')"});
}

TEST_CASE("a checked command quotes itself and its last words") {
  ProcessRunner runner;
  const auto failed =
      installers::run_checked(runner, shell("echo first >&2; echo last >&2; exit 4"));
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message ==
        "`sh -c 'echo first >&2; echo last >&2; exit 4'` ended with status 4: first last");
  CHECK(installers::run_checked(runner, shell("echo fine")).value() == "fine\n");
  CHECK(installers::run_checked(runner, Command({"false"})).error().message ==
        "`false` ended with status 1, saying nothing");
}

}  // namespace
}  // namespace orama::tests
