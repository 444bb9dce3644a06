#include "installers/steps/users.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "installers/change.h"
#include "installers/changes.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::string_view kKind = "users";

// /var/lib/orama and /var/log/orama themselves are made, and taken back, with the receipt.
constexpr const char* kGatewayLogs = "/var/log/orama/gateway";

struct ServiceUser {
  enum class Kind { gateway, engine };
  Kind kind;
  const char* name;
  std::array<const char*, 2> folders;  // what is theirs on the disk; while it stands the user stays
};
using enum ServiceUser::Kind;
constexpr std::array<ServiceUser, 6> kUsers = {{
    {gateway, "orama", {paths::kGatewayState, kGatewayLogs}},
    {engine, "orama-rqlite", {paths::kRqliteData, paths::kRqliteData}},
    {engine, "orama-db", {paths::kDatabaseState, paths::kDatabaseState}},
    {engine, "orama-olric", {paths::kOlricState, paths::kOlricState}},
    {engine, "orama-ipfs", {paths::kIpfsState, paths::kIpfsState}},
    {engine, "orama-ipfs-cluster", {paths::kIpfsClusterState, paths::kIpfsClusterState}},
}};

Result<bool> user_exists(Host& host, const std::string& name) {
  TRY(output, host.commands.run(Command({"getent", "passwd", name})));
  if (output.ok()) {
    return true;
  }
  constexpr int kNotFound = 2;  // getent(1)
  if (output.exit_status == kNotFound) {
    return false;
  }
  return make_error(Errc::failed, "`getent passwd " + name + "` ended with " +
                                      std::to_string(output.exit_status) +
                                      ", expected 0 or 2: " + output.err);
}

Result<std::vector<std::string>> missing_users(Host& host) {
  std::vector<std::string> missing;
  for (const ServiceUser& user : kUsers) {
    TRY(exists, user_exists(host, user.name));
    if (!exists) {
      missing.emplace_back(user.name);
    }
  }
  return missing;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

class UsersChange final : public Change {
 public:
  explicit UsersChange(std::string definition) : definition_(std::move(definition)) {}

  std::string_view kind() const override { return kKind; }
  std::string target() const override { return "orama and its engines"; }

  Result<bool> converged(ChangeContext& context) override {
    TRY(missing, missing_users(context.host));
    return missing.empty();
  }

  Result<std::string> describe(ChangeContext& context) override {
    TRY(missing, missing_users(context.host));
    return "create the system users " + join(missing);
  }

  Result<json> prior(ChangeContext& context) override {
    TRY(missing, missing_users(context.host));
    return json{{"missing", missing}};
  }

  json wanted() const override { return json{{"definition", definition_}}; }

  Result<void> apply(ChangeContext& context) override {
    TRY_VOID(run_checked(context.host.commands, Command({"systemd-sysusers", definition_})));
    TRY(missing, missing_users(context.host));
    if (!missing.empty()) {
      return make_error(Errc::failed,
                        "systemd-sysusers ended well, but " + join(missing) + " is still missing",
                        "look at " + definition_);
    }
    return {};
  }

 private:
  std::string definition_;
};

// The first folder of the user that still stands, or "".
Result<std::string> standing_folder(Host& host, std::string_view user) {
  for (const ServiceUser& entry : kUsers) {
    if (entry.name != user) {
      continue;
    }
    for (const char* folder : entry.folders) {
      TRY(status, host.files.status(folder));
      if (status) {
        return std::string(folder);
      }
    }
  }
  return std::string();
}

// "" when the user is gone, else why it stays.
Result<std::string> remove_user(Host& host, const std::string& name) {
  TRY(exists, user_exists(host, name));
  if (!exists) {
    return std::string();
  }
  TRY(folder, standing_folder(host, name));
  if (!folder.empty()) {
    return "user " + name + " owns " + folder;
  }
  TRY(output, host.commands.run(Command({"userdel", name})));
  if (!output.ok()) {
    return "userdel " + name + ": " + output.err.substr(0, output.err.find('\n'));
  }
  return std::string();
}

Result<Reverted> revert_users(RevertContext& context, const std::string& target, const json& prior,
                              const json&) {
  if (context.data == DataPolicy::keep) {
    return Reverted{Reverted::Outcome::kept, "the users " + target + " own the data that is kept"};
  }
  std::string reasons;
  for (const ServiceUser& user : kUsers) {
    const json missing = prior.value("missing", json::array());
    const bool made_by_us =
        std::find(missing.begin(), missing.end(), json(user.name)) != missing.end();
    if (!made_by_us) {
      continue;
    }
    TRY(reason, remove_user(context.host, user.name));
    if (!reason.empty()) {
      reasons += (reasons.empty() ? "" : "; ") + reason;
    }
  }
  if (!reasons.empty()) {
    return Reverted{Reverted::Outcome::left, reasons};
  }
  return Reverted{};
}

}  // namespace

std::vector<std::string> service_users() {
  std::vector<std::string> names;
  std::transform(kUsers.begin(), kUsers.end(), std::back_inserter(names),
                 [](const ServiceUser& user) { return user.name; });
  return names;
}

Step users_step(const NodeSources& sources) {
  Step step{"users", "system users and folders", {}, nullptr};
  step.changes = [definition = sources.share + "/sysusers.conf"](Host&) -> Result<Changes> {
    Changes changes;
    changes.push_back(std::make_unique<UsersChange>(definition));
    changes.push_back(directory(paths::kConfigFolder, {0755, "root", "root"}, Contents::mixed));
    changes.push_back(directory(paths::kSecrets, {0700, "root", "root"}, Contents::data));
    // Before the agent starts: its unit may write there, if the folder stands by then.
    changes.push_back(directory(paths::kCaddyFolder, {0755, "root", "root"}));
    changes.push_back(directory(paths::kAgentState, {0755, "root", "root"}, Contents::data));
    changes.push_back(directory(paths::kGatewayState, {0750, "orama", "orama"}, Contents::data));
    changes.push_back(directory(paths::kDatabases, {0755, "root", "root"}, Contents::data));
    for (const ServiceUser& user : kUsers) {
      if (user.kind == ServiceUser::Kind::engine) {
        changes.push_back(
            directory(user.folders.front(), {0700, user.name, user.name}, Contents::data));
      }
    }
    changes.push_back(directory(kGatewayLogs, {0750, "orama", "orama"}, Contents::data));
    return changes;
  };
  return step;
}

ChangeKind users_kind() {
  return {kKind, revert_users};
}

}  // namespace orama::installers
