#include "installers/dev/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>  // its W… macros, where it is included first
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/dev/descriptor.h"
#include "tests/support/temporary_folder.h"

namespace orama::installers {
namespace {

struct Run {
  tests::TemporaryFolder folder;
  Descriptor output{open(folder.file("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  ChildOrder order;

  explicit Run(std::vector<std::string> argv) {
    order.argv = std::move(argv);
    order.output = output.get();
  }
  std::string said() const { return *read_file(folder.file("out")); }
};

int wait_for(pid_t pid) {
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  return status;
}

}  // namespace

TEST_CASE("a child has the environment, folder, umask and group that were ordered") {
  Run run({"/bin/sh", "-c", "echo $A; pwd; umask; echo err >&2; ps -o pgid= -p $$ | tr -d ' '"});
  run.order.environment = {"A=1 2", "PATH=/usr/bin:/bin"};
  run.order.folder = run.folder.path();
  run.order.umask = 0027;
  const auto child = start_child(run.order);
  REQUIRE(child.ok());
  CHECK(WEXITSTATUS(wait_for(child->pid)) == 0);
  CHECK(run.said().starts_with("1 2\n" + run.folder.path() + "\n0027\nerr\n"));
}

TEST_CASE("a program that cannot be run says why") {
  Run run({"/nowhere/program"});
  const auto child = start_child(run.order);
  REQUIRE(child.ok());
  CHECK(WEXITSTATUS(wait_for(child->pid)) == 203);
  int failure = 0;
  CHECK(read(child->executed.get(), &failure, sizeof failure) == sizeof failure);
  CHECK(failure == ENOENT);
}

TEST_CASE("a process is known by its number and its start") {
  Run run({"/bin/sleep", "100"});
  const auto child = start_child(run.order);
  REQUIRE(child.ok());
  const std::string identity = process_identity(child->pid);
  CHECK(identity.starts_with(std::to_string(child->pid) + " "));
  CHECK(living_process(identity + "\n") == child->pid);
  CHECK_FALSE(living_process(identity + "1").has_value());  // another start: the number came again
  CHECK_FALSE(living_process("").has_value());
  CHECK_FALSE(living_process("1 2").has_value());
  signal_group(child->pid, SIGKILL);
  const int status = wait_for(child->pid);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  CHECK_FALSE(living_process(identity).has_value());
}

TEST_CASE("a whole group is signalled") {
  Run run({"/bin/sh", "-c", "sleep 100 & echo $!; wait"});
  const auto child = start_child(run.order);
  REQUIRE(child.ok());
  while (run.said().empty()) {
    usleep(1000);
  }
  const auto grandchild = static_cast<pid_t>(std::stoi(run.said()));
  const std::string identity = process_identity(grandchild);
  signal_group(child->pid, SIGKILL);
  wait_for(child->pid);
  while (living_process(identity)) {
    usleep(1000);
  }
  CHECK_FALSE(living_process(identity).has_value());
}

}  // namespace orama::installers
