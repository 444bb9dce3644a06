#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/change.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "tests/unit/installers/sample_plan.h"

namespace orama::tests {
namespace {

using installers::DataPolicy;
using installers::LeftBehind;
using installers::Receipt;

struct Installed {
  Installed() {
    bare = host.state();
    ORAMA_ASSERT(run.apply(host, sample_plan()).ok());
  }
  SampleHost host;
  SampleRun run;
  std::string bare;
};

std::string reason_for(const std::vector<LeftBehind>& left, const std::string& target) {
  const auto found = std::find_if(left.begin(), left.end(),
                                  [&](const auto& entry) { return entry.target == target; });
  return found == left.end() ? "" : found->reason;
}

TEST_CASE("purge restores the state before, and leaves neither receipt nor log") {
  Installed node;
  node.run.options.command = "orama uninstall";
  const auto summary = node.run.revert(node.host, DataPolicy::purge);
  REQUIRE(summary.ok());
  CHECK(summary->restored == 10);
  CHECK(summary->left.empty());
  CHECK(summary->kept.empty());
  CHECK(node.host.state() == node.bare);
  CHECK_FALSE(node.host.files.exists("/var/lib/orama"));
  CHECK(node.host.commands.unit("app.service").stops == 1);
  CHECK(node.host.commands.unit("front.service").stops == 0);
  CHECK(node.host.front_runs_on.empty());
}

TEST_CASE("without purge keys and data stay, are named, and can be purged later") {
  Installed node;
  node.host.files.put("/var/lib/orama/app/rows", "data");
  const auto summary = node.run.revert(node.host);
  REQUIRE(summary.ok());
  CHECK(reason_for(summary->kept, kAppKey) == "a key");
  CHECK(reason_for(summary->kept, "/var/lib/orama/app") == "data");
  CHECK(reason_for(summary->left, "/etc/orama/secrets") == "not empty");
  CHECK(node.host.files.exists(kAppKey));
  CHECK_FALSE(node.host.files.exists(kAppConfig));
  const Receipt receipt = Receipt::load(node.host.files).value().value();
  CHECK(receipt.outcome == Receipt::Outcome::none);

  REQUIRE(node.run.revert(node.host, DataPolicy::purge).ok());
  CHECK(node.host.state() == node.bare);
}

TEST_CASE("an install after an uninstall takes up the kept key") {
  Installed node;
  const std::string key = node.host.files.content(kAppKey);
  REQUIRE(node.run.revert(node.host).ok());
  REQUIRE(node.run.apply(node.host, sample_plan()).ok());
  CHECK(node.host.files.content(kAppKey) == key);
  CHECK(Receipt::load(node.host.files)->value().outcome == Receipt::Outcome::done);
  REQUIRE(node.run.revert(node.host, DataPolicy::purge).ok());
  CHECK(node.host.state() == node.bare);
}

TEST_CASE("what was changed since is left and named, the rest is restored") {
  Installed node;
  const std::string edited = node.host.files.content(kAppConfig) + "extra: 1\n";
  node.host.files.put(kAppConfig, edited);
  node.host.files.put_directory("/var/lib/orama/app", {0700, "root", "root"});
  const auto summary = node.run.revert(node.host);
  REQUIRE(summary.ok());
  CHECK(reason_for(summary->left, kAppConfig) == "changed since orama wrote it");
  CHECK(reason_for(summary->left, "/etc/orama") == "not empty");
  CHECK(node.host.files.content(kAppConfig) == edited);
  CHECK_FALSE(node.host.files.exists(kAppJson));
  CHECK_FALSE(node.host.files.exists(kFrontDropIn));
  CHECK(node.host.commands.unit("app.service").active == "inactive");
}

TEST_CASE("a unit that somebody stopped is not started by an uninstall") {
  Installed node;
  node.host.commands.unit("front.service").active = "inactive";
  const auto summary = node.run.revert(node.host, DataPolicy::purge);
  REQUIRE(summary.ok());
  CHECK(reason_for(summary->left, "front.service") == "it ran before orama and is inactive now");
  CHECK(node.host.commands.unit("front.service").starts == 0);
}

TEST_CASE("a unit that fails is stopped, and one whose file is gone is nothing to do") {
  Installed node;
  node.host.commands.unit("app.service").active = "failed";
  REQUIRE(node.run.revert(node.host, DataPolicy::purge).ok());
  CHECK(node.host.commands.count("systemctl reset-failed -- app.service") == 1);

  Installed other;
  other.host.commands.unit("app.service").load = "not-found";
  const auto summary = other.run.revert(other.host, DataPolicy::purge);
  REQUIRE(summary.ok());
  CHECK(summary->left.empty());
}

TEST_CASE("a kind that this version does not know is left, not forgotten") {
  Installed node;
  Receipt receipt = Receipt::load(node.host.files).value().value();
  installers::ReceiptEntry entry;
  entry.step = "later";
  entry.kind = "teleport";
  entry.target = "somewhere";
  entry.state = installers::ReceiptEntry::State::done;
  receipt.entries.push_back(entry);
  REQUIRE(receipt.save(node.host.files).ok());
  const auto summary = node.run.revert(node.host);
  REQUIRE(summary.ok());
  CHECK(reason_for(summary->left, "somewhere") ==
        "this orama does not know the kind of change \"teleport\"");
  const Receipt kept = Receipt::load(node.host.files).value().value();
  CHECK(kept.find("teleport", "somewhere") != nullptr);
}

TEST_CASE("without a receipt there is nothing to uninstall") {
  SampleHost host;
  SampleRun run;
  const auto refused = run.revert(host);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::not_found);
  CHECK(run.log_files().empty());
}

TEST_CASE("a daemon that does not take its old files back is named") {
  Installed node;
  node.host.commands.unit("front.service").fails_to_start = true;
  const auto summary = node.run.revert(node.host, DataPolicy::purge);
  REQUIRE(summary.ok());
  CHECK(reason_for(summary->left, "front.service").find("did not reload") != std::string::npos);
}

}  // namespace
}  // namespace orama::tests
