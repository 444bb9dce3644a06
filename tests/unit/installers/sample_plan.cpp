#include "tests/unit/installers/sample_plan.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/plan.h"
#include "installers/step.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

using installers::Changes;
using installers::FileOwnership;
using installers::FileSpec;
using installers::Host;
using installers::Plan;
using installers::Step;
using installers::UnitSpec;

namespace {

Step folders_step() {
  return {
      "folders", "Folders", {}, [](Host&) -> Result<Changes> {
        Changes changes;
        changes.push_back(installers::directory("/etc/orama", FileOwnership{0755}));
        changes.push_back(installers::directory("/etc/orama/secrets", FileOwnership{0700}));
        changes.push_back(installers::directory(
            "/var/lib/orama/app", FileOwnership{0750, "app", "app"}, installers::Contents::data));
        return changes;
      }};
}

Step keys_step() {
  return {"keys", "Keys", {"folders"}, [](Host&) -> Result<Changes> {
            Changes changes;
            changes.push_back(installers::secret_file(
                kAppKey, [](Host& host) -> Result<std::string> { return host.random.bytes(8); }));
            return changes;
          }};
}

Step app_step(const std::string& version) {
  return {
      "app", "App", {"folders", "keys"}, [version](Host&) -> Result<Changes> {
        Changes changes;
        changes.push_back(installers::file(
            FileSpec{kAppConfig, "version: " + version + "\n", {}, {"app.service"}}));
        changes.push_back(
            installers::file(FileSpec{kAppJson, "{\"version\":" + version + "}\n", {}, {}}));
        changes.push_back(installers::unit(UnitSpec{"app.service", UnitSpec::Enable::yes}));
        changes.push_back(installers::wait_until({"the app is up", [](Host& host) -> Result<bool> {
                                                    TRY(state, host.systemd.state("app.service"));
                                                    return state.is_active();
                                                  }}));
        return changes;
      }};
}

Step front_step(const std::string& version) {
  return {"front", "Front", {"folders"}, [version](Host&) -> Result<Changes> {
            Changes changes;
            changes.push_back(
                installers::directory("/etc/systemd/system/front.service.d", FileOwnership{0755}));
            changes.push_back(installers::file(FileSpec{
                kFrontDropIn, "[Service]\n# " + version + "\n", {}, {"front.service:reload"}}));
            changes.push_back(installers::unit(
                UnitSpec{"front.service", UnitSpec::Enable::yes, UnitSpec::Refresh::reload}));
            return changes;
          }};
}

}  // namespace

std::vector<Step> sample_steps(const std::string& version) {
  return {folders_step(), keys_step(), app_step(version), front_step(version)};
}

Plan sample_plan(const std::string& version) {
  return Plan::make(sample_steps(version), installers::shared_change_kinds()).value();
}

SampleHost::SampleHost() {
  FakeUnit app;
  app.on_run = [this] { app_runs_on = files.content(kAppConfig); };
  commands.add_unit("app.service", std::move(app));
  FakeUnit front;
  front.active = "active";
  front.enabled = "enabled";
  front.on_run = [this] { front_runs_on = files.content(kFrontDropIn); };
  commands.add_unit("front.service", std::move(front));
}

std::string SampleHost::state() const {
  return files.snapshot({"/var/lib/orama/install", "/tmp"}) + commands.unit_snapshot();
}

SampleRun::SampleRun() {
  options.lock_path = folder.file("lock");
  options.log_folder = folder.path();
  options.version = "0.1.0";
  options.spec = {{"name", "node1"}};
  options.parallel = 1;
}

Result<installers::ApplySummary> SampleRun::apply(SampleHost& host, const Plan& plan) {
  return plan.apply(host.host, options,
                    [this](const installers::StepProgress& step) { progress.push_back(step); });
}

Result<installers::RevertSummary> SampleRun::revert(SampleHost& host, installers::DataPolicy data) {
  installers::RevertContext context{host.host, data};
  return Plan::revert(context, installers::shared_change_kinds(), options,
                      [this](const installers::StepProgress& step) { progress.push_back(step); });
}

std::vector<std::string> SampleRun::log_files() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    if (entry.path().extension() == ".log") {
      names.push_back(entry.path().string());
    }
  }
  return names;
}

}  // namespace orama::tests
