// A small node for the plan's tests: folders, a key, a service with two files, and another
// package's running daemon (front.service) that gets a drop-in. Its files' content follows
// `version`.
#pragma once

#include <string>
#include <vector>

#include "installers/changes.h"
#include "installers/plan.h"
#include "tests/support/fake_host.h"
#include "tests/support/temporary_folder.h"

namespace orama::tests {

inline constexpr const char* kAppConfig = "/etc/orama/app.yaml";
inline constexpr const char* kAppJson = "/var/lib/orama/app.json";
inline constexpr const char* kAppKey = "/etc/orama/secrets/app.key";
inline constexpr const char* kFrontDropIn = "/etc/systemd/system/front.service.d/orama.conf";

std::vector<installers::Step> sample_steps(const std::string& version);
installers::Plan sample_plan(const std::string& version = "1");

// A host before the install, and what its daemons read when they last began or were refreshed.
struct SampleHost : FakeHost {
  SampleHost();
  std::string app_runs_on;    // content of kAppConfig
  std::string front_runs_on;  // content of kFrontDropIn
  // Files and units; the receipt, which carries times, left out.
  std::string state() const;
};

// Options with a lock and a log folder of their own.
struct SampleRun {
  SampleRun();
  Result<installers::ApplySummary> apply(SampleHost& host, const installers::Plan& plan);
  Result<installers::RevertSummary> revert(
      SampleHost& host, installers::DataPolicy data = installers::DataPolicy::keep);
  std::vector<std::string> log_files() const;

  TemporaryFolder folder;
  installers::Plan::Options options;
  std::vector<installers::StepProgress> progress;
};

}  // namespace orama::tests
