#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/host/command_runner.h"
#include "installers/steps/users.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "installers/changes.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes
using orama::Result;

namespace {

// getent, systemd-sysusers and userdel over a set of names.
const std::vector<std::string> kAll = {"orama",       "orama-rqlite", "orama-db",
                                       "orama-olric", "orama-ipfs",   "orama-ipfs-cluster"};

struct Accounts {
  FakeHost fake;
  std::set<std::string> users = {"root"};

  Accounts() {
    fake.commands.on("getent passwd", [this](const Command& command) -> Result<CommandOutput> {
      CommandOutput output;
      output.exit_status = users.contains(command.argv[2]) ? 0 : 2;
      return output;
    });
    fake.commands.on("systemd-sysusers /usr/share/orama/sysusers.conf",
                     [this](const Command&) -> Result<CommandOutput> {
                       users.insert(kAll.begin(), kAll.end());
                       return CommandOutput{};
                     });
    fake.commands.on("userdel", [this](const Command& command) -> Result<CommandOutput> {
      users.erase(command.argv[1]);
      return CommandOutput{};
    });
  }

  std::unique_ptr<Change> change() {
    Changes changes = users_step(sample_sources()).changes(fake.host).value();
    return std::move(changes.front());
  }
  Result<Reverted> revert(DataPolicy data, const nlohmann::json& prior) {
    RevertContext context{fake.host, data};
    return users_kind().revert(context, "orama, orama-rqlite", prior, {});
  }
};

}  // namespace

TEST_CASE("the users are made once") {
  Accounts accounts;
  std::set<std::string> stale;
  ChangeContext context{accounts.fake.host, stale};
  const auto change = accounts.change();
  CHECK_FALSE(change->converged(context).value());
  CHECK(change->describe(context).value() ==
        "create the system users orama, orama-rqlite, orama-db, orama-olric, orama-ipfs, "
        "orama-ipfs-cluster");
  CHECK(change->prior(context).value() == nlohmann::json{{"missing", kAll}});
  REQUIRE(change->apply(context).ok());
  CHECK(change->converged(context).value());
}

TEST_CASE("a sysusers run that makes nobody is an error that names who is missing") {
  Accounts accounts;
  accounts.fake.commands.on("systemd-sysusers", "");
  accounts.fake.commands.on("systemd-sysusers /usr/share/orama/sysusers.conf", "");
  std::set<std::string> stale;
  ChangeContext context{accounts.fake.host, stale};
  const auto applied = accounts.change()->apply(context);
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("orama, orama-rqlite") != std::string::npos);
}

TEST_CASE("an account database that cannot be asked is an error, not `missing`") {
  Accounts accounts;
  accounts.fake.commands.on("getent passwd", "", 1, "cannot open");
  std::set<std::string> stale;
  ChangeContext context{accounts.fake.host, stale};
  CHECK_FALSE(accounts.change()->converged(context).ok());
}

TEST_CASE("uninstall keeps the users; purge removes those that orama made") {
  Accounts accounts;
  accounts.users.insert({"orama", "orama-rqlite"});
  const nlohmann::json prior = {{"missing", {"orama", "orama-rqlite"}}};
  CHECK(accounts.revert(DataPolicy::keep, prior)->outcome == Reverted::Outcome::kept);
  CHECK(accounts.users.contains("orama"));
  CHECK(accounts.revert(DataPolicy::purge, prior)->outcome == Reverted::Outcome::restored);
  CHECK(accounts.users == std::set<std::string>{"root"});
  // Again, after a kill: done is done.
  CHECK(accounts.revert(DataPolicy::purge, prior)->outcome == Reverted::Outcome::restored);
}

TEST_CASE("a user that was there before stays, and so does one whose files still stand") {
  Accounts accounts;
  accounts.users.insert({"orama", "orama-rqlite"});
  accounts.fake.files.put_directory("/var/lib/orama/rqlite");
  const auto reverted = accounts.revert(DataPolicy::purge, {{"missing", {"orama-rqlite"}}});
  REQUIRE(reverted.ok());
  CHECK(reverted->outcome == Reverted::Outcome::left);
  CHECK(reverted->reason == "user orama-rqlite owns /var/lib/orama/rqlite");
  CHECK(accounts.users.contains("orama"));
  CHECK(accounts.users.contains("orama-rqlite"));
}

TEST_CASE("a user that userdel will not remove is named with userdel's reason") {
  Accounts accounts;
  accounts.users.insert({"orama"});
  accounts.fake.commands.on("userdel", "", 8,
                            "userdel: user orama is currently used by process 4711\n");
  const auto reverted = accounts.revert(DataPolicy::purge, {{"missing", {"orama"}}});
  CHECK(reverted->outcome == Reverted::Outcome::left);
  CHECK(reverted->reason.find("currently used by process 4711") != std::string::npos);
}

TEST_CASE(
    "the configuration folder counts as kept while keys are kept in it, and as left after a "
    "purge") {
  FakeHost fake;
  fake.files.put("/etc/orama/secrets/node.key", "key", {0600});
  Changes changes = users_step(sample_sources()).changes(fake.host).value();
  const auto folder = std::find_if(changes.begin(), changes.end(), [](const auto& change) {
    return change->target() == "/etc/orama";
  });
  REQUIRE(folder != changes.end());
  const std::vector<ChangeKind> kinds = shared_change_kinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                 [](const ChangeKind& each) { return each.name == "directory"; });
  RevertContext keep{fake.host, DataPolicy::keep};
  const nlohmann::json prior = {{"existed", false}};
  CHECK(kind->revert(keep, "/etc/orama", prior, (*folder)->wanted())->outcome ==
        Reverted::Outcome::kept);
  RevertContext purge{fake.host, DataPolicy::purge};
  CHECK(kind->revert(purge, "/etc/orama", prior, (*folder)->wanted())->outcome ==
        Reverted::Outcome::left);
  CHECK(fake.files.exists("/etc/orama/secrets/node.key"));
}
