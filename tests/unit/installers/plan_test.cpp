#include "installers/plan.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/host.h"
#include "installers/install_lock.h"
#include "installers/receipt.h"
#include "installers/step.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/sample_plan.h"

namespace orama::tests {
namespace {

using installers::Changes;
using installers::Host;
using installers::InstallLock;
using installers::Plan;
using installers::Receipt;
using installers::Step;
using installers::StepProgress;

Receipt receipt_of(SampleHost& host) {
  return Receipt::load(host.files).value().value();
}

// A step whose one change waits for `ready`.
Step waiting_step(const std::string& name, std::vector<std::string> after,
                  std::function<bool()> ready) {
  return {name, name, std::move(after), [name, ready](Host&) -> Result<Changes> {
            Changes changes;
            changes.push_back(installers::wait_until(
                {name + " is ready", [ready](Host&) -> Result<bool> { return ready(); }}));
            return changes;
          }};
}

TEST_CASE("an install makes everything, in the order of dependencies") {
  SampleHost host;
  SampleRun run;
  const auto summary = run.apply(host, sample_plan());
  REQUIRE(summary.ok());
  CHECK(summary->changed == 10);
  CHECK(host.files.content(kAppJson) == "{\"version\":1}\n");
  CHECK(host.files.content(kAppConfig).ends_with("\nversion: 1\n"));
  CHECK(host.commands.unit("app.service").active == "active");
  CHECK(host.commands.unit("app.service").enabled == "enabled");
  CHECK(host.commands.unit("front.service").restarts == 0);
  CHECK(host.commands.unit("front.service").reloads == 1);
  CHECK(host.front_runs_on == host.files.content(kFrontDropIn));

  const Receipt receipt = receipt_of(host);
  CHECK(receipt.outcome == Receipt::Outcome::done);
  CHECK(receipt.orama_version == "0.1.0");
  CHECK(receipt.spec.at("name") == "node1");
  CHECK(receipt.stale_units.empty());
  CHECK(receipt.entries.size() == 10);
  REQUIRE(run.log_files().size() == 1);
  CHECK(receipt.log_file == run.log_files().front());
  CHECK(run.folder.file("install-20261124T120000Z.log") == receipt.log_file);
}

TEST_CASE("a second run on a converged node writes nothing and restarts nothing") {
  SampleHost host;
  SampleRun first;
  REQUIRE(first.apply(host, sample_plan()).ok());
  const std::size_t writes = host.files.writes();
  host.commands.forget_calls();

  SampleRun second;
  const auto summary = second.apply(host, sample_plan());
  REQUIRE(summary.ok());
  CHECK(summary->changed == 0);
  CHECK(summary->converged == 11);
  CHECK(host.files.writes() == writes);
  CHECK(second.log_files().empty());
  CHECK(host.commands.count("systemctl show") == host.commands.calls().size());
  for (const StepProgress& step : second.progress) {
    CHECK((step.state == StepProgress::State::started ||
           step.state == StepProgress::State::unchanged));
  }
}

TEST_CASE("pending lists what apply would do, and writes nothing") {
  SampleHost host;
  const std::string before = host.files.snapshot();
  const auto pending = sample_plan().pending(host.host);
  REQUIRE(pending.ok());
  REQUIRE(pending->size() == 11);
  CHECK(host.files.snapshot() == before);
  CHECK(pending->at(0).description == "make the folder /etc/orama (0755 root:root)");
  CHECK(pending->at(3).step == "keys");
  CHECK(pending->at(4).description ==
        "write /etc/orama/app.yaml (0644 root:root)\n@@ -0,0 +1,1 @@\n+version: 1\n");
  CHECK(pending->at(6).description == "start and enable app.service");
  CHECK(pending->at(10).description == "reload front.service");

  SampleRun run;
  REQUIRE(run.apply(host, sample_plan()).ok());
  CHECK(sample_plan().pending(host.host)->empty());
  const auto update = sample_plan("2").pending(host.host);
  REQUIRE(update.ok());
  REQUIRE(update->size() == 5);
  CHECK(update->at(0).description ==
        "write /etc/orama/app.yaml (0644 root:root)\n@@ -1,1 +1,1 @@\n-version: 1\n+version: 2\n");
  CHECK(update->at(2).description == "restart app.service");
}

TEST_CASE("pending shows what is in the way instead of ending at it") {
  SampleHost host;
  host.files.put(kAppConfig, "mine\n");
  const auto pending = sample_plan().pending(host.host);
  REQUIRE(pending.ok());
  const auto found = std::find_if(pending->begin(), pending->end(),
                                  [](const auto& change) { return change.target == kAppConfig; });
  REQUIRE(found != pending->end());
  CHECK(found->problem.find("orama did not write it") != std::string::npos);
}

TEST_CASE("a failed run says where its log is, and the next one goes on") {
  SampleHost host;
  host.commands.unit("app.service").fails_to_start = true;
  host.commands.on("journalctl", "app: no such database\n");
  SampleRun run;
  const auto failed = run.apply(host, sample_plan());
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().full_message().starts_with("step app: app.service did not start: "));
  CHECK(failed.error().message.find("app: no such database") != std::string::npos);
  REQUIRE(run.log_files().size() == 1);
  CHECK(failed.error().hint.find(run.log_files().front()) != std::string::npos);
  CHECK(read_file(run.log_files().front())->find("app: no such database") != std::string::npos);
  CHECK(receipt_of(host).outcome == Receipt::Outcome::failed);
  CHECK(receipt_of(host).failure.find("app.service did not start") != std::string::npos);
  CHECK(run.progress.back().state == StepProgress::State::skipped);
  CHECK(run.progress.back().name == "front");

  host.commands.unit("app.service").fails_to_start = false;
  REQUIRE(run.apply(host, sample_plan()).ok());
  CHECK(receipt_of(host).outcome == Receipt::Outcome::done);
  CHECK(receipt_of(host).failure.empty());
}

TEST_CASE("a run that fails before its first change leaves nothing behind") {
  SampleHost host;
  host.files.put("/etc/orama", "a file\n");
  const std::string before = host.files.snapshot();
  SampleRun run;
  const auto failed = run.apply(host, sample_plan());
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::conflict);
  CHECK(host.files.snapshot() == before);
  CHECK(run.log_files().empty());
}

TEST_CASE("a full disk ends the run before the change that could not be recorded") {
  SampleHost host;
  host.files.fail_writes(installers::kReceiptPath,
                         make_error(Errc::failed, "writing: No space left on device"));
  SampleRun run;
  const auto failed = run.apply(host, sample_plan());
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().full_message().find("No space left") != std::string::npos);
  CHECK_FALSE(host.files.exists("/etc/orama"));
}

TEST_CASE("an interruption stops between two changes and says how to go on") {
  SampleHost host;
  SampleRun run;
  std::atomic<bool> interrupted = false;
  run.options.interrupted = &interrupted;
  run.options.fault_hook = [&](const std::string& point) {
    interrupted = interrupted || point == "folders/directory:/etc/orama/applied";
  };
  const auto stopped = run.apply(host, sample_plan());
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Errc::interrupted);
  CHECK(stopped.error().hint.find("Type the same command again") != std::string::npos);
  CHECK(host.files.exists("/etc/orama"));
  CHECK_FALSE(host.files.exists("/etc/orama/secrets"));
  CHECK(receipt_of(host).entries.size() == 1);
  CHECK(receipt_of(host).entries[0].state == installers::ReceiptEntry::State::done);

  run.options.interrupted = nullptr;
  CHECK(run.apply(host, sample_plan()).ok());
}

TEST_CASE("an interruption ends a wait") {
  FakeHost host;
  SampleRun run;
  std::atomic<bool> interrupted = false;
  run.options.interrupted = &interrupted;
  const Plan plan = Plan::make({waiting_step("long", {},
                                             [&] {
                                               interrupted = true;
                                               return false;
                                             })},
                               {})
                        .value();
  const auto stopped = plan.apply(host.host, run.options, {});
  REQUIRE_FALSE(stopped.ok());
  CHECK(stopped.error().code == Errc::interrupted);
}

TEST_CASE("a wait ends with its deadline and the last error") {
  FakeHost host;
  SampleRun run;
  const Step step = {"wait", "wait", {}, [](Host&) -> Result<Changes> {
                       Changes changes;
                       changes.push_back(installers::wait_until(
                           {"the registry answers",
                            [](Host&) -> Result<bool> {
                              return make_error(Errc::unreachable, "connection refused");
                            },
                            std::chrono::seconds(7), "Look at the journal."}));
                       return changes;
                     }};
  const auto failed = Plan::make({step}, {})->apply(host.host, run.options, {});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::timeout);
  CHECK(failed.error().message == "waited 7 s until the registry answers: connection refused");
  CHECK(failed.error().hint == "Look at the journal.");
}

TEST_CASE("the lock names who holds it") {
  SampleHost host;
  SampleRun run;
  const auto held = InstallLock::take(run.options.lock_path);
  REQUIRE(held.ok());
  const auto refused = run.apply(host, sample_plan());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::locked);
  CHECK(refused.error().message.starts_with("process " + std::to_string(::getpid()) + " ("));
  CHECK(host.files.writes() == 0);
}

TEST_CASE("independent steps run side by side, dependent ones after each other") {
  FakeHost host;
  SampleRun run;
  run.options.parallel = 2;
  std::mutex mutex;
  std::condition_variable arrived;
  int waiting = 0;
  // Each of the two goes on only when the other is there too.
  const auto meet = [&] {
    std::unique_lock lock(mutex);
    ++waiting;
    arrived.notify_all();
    return arrived.wait_for(lock, std::chrono::seconds(10), [&] { return waiting >= 2; });
  };
  std::vector<std::string> done;
  const auto observer = [&](const StepProgress& step) {
    if (step.state == StepProgress::State::unchanged) {
      done.push_back(step.name);
    }
  };
  const Plan plan = Plan::make({waiting_step("last", {"left", "right"}, [] { return true; }),
                                waiting_step("left", {}, meet), waiting_step("right", {}, meet)},
                               {})
                        .value();
  const auto summary = plan.apply(host.host, run.options, observer);
  REQUIRE(summary.ok());
  REQUIRE(done.size() == 3);
  CHECK(done.back() == "last");
}

TEST_CASE("two workers install what one does") {
  SampleHost one;
  SampleRun run_one;
  REQUIRE(run_one.apply(one, sample_plan()).ok());
  SampleHost two;
  SampleRun run_two;
  run_two.options.parallel = 2;
  REQUIRE(run_two.apply(two, sample_plan()).ok());
  CHECK(two.state() == one.state());
  CHECK(receipt_of(two).entries.size() == receipt_of(one).entries.size());
}

TEST_CASE("a change that no uninstall could take back is not applied") {
  SampleHost host;
  SampleRun run;
  const Plan plan = Plan::make(sample_steps("1"), {}).value();
  const auto refused = run.apply(host, plan);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("nothing could revert directory:/etc/orama") == 0);
  CHECK_FALSE(host.files.exists("/etc/orama"));
}

TEST_CASE("dependencies that cannot be are refused by name") {
  const auto always = [] { return true; };
  const auto unknown = Plan::make({waiting_step("a", {"b"}, always)}, {});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().message == "the step a is after b, which does not exist");
  const auto circle =
      Plan::make({waiting_step("a", {"b"}, always), waiting_step("b", {"a"}, always)}, {});
  REQUIRE_FALSE(circle.ok());
  CHECK(circle.error().message.find("circle") != std::string::npos);
  const auto twice = Plan::make({waiting_step("a", {}, always), waiting_step("a", {}, always)}, {});
  REQUIRE_FALSE(twice.ok());
  CHECK(twice.error().message == "two steps are named a");
}

}  // namespace
}  // namespace orama::tests
