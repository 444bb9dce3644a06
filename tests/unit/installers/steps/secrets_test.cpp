#include "installers/steps/secrets.h"
#include "installers/rqlite_users.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "common/api/shared_secrets.h"
#include "common/crypto/encoding.h"
#include "common/crypto/secret.h"
#include "common/json.h"
#include "installers/change.h"
#include "installers/host/files.h"
#include "tests/support/fake_host.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes

namespace {

constexpr const char* kFolder = "/etc/orama/secrets/";

// Applies the step as the plan does; gives the files' content by name.
std::map<std::string, std::string> make_all(FakeHost& fake) {
  fake.files.put_directory("/etc/orama/secrets", {0700});
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};
  const Changes changes = secrets_step().changes(fake.host).value();
  for (const auto& change : changes) {
    if (!change->converged(context).value()) {
      REQUIRE(change->apply(context).ok());
    }
    CHECK(change->converged(context).value());
  }
  std::map<std::string, std::string> contents;
  for (const SecretRow& row : secret_table()) {
    contents[row.name] = fake.files.content(kFolder + std::string(row.name));
  }
  return contents;
}

std::string line(const std::string& text) {
  REQUIRE(text.ends_with('\n'));
  return text.substr(0, text.size() - 1);
}

}  // namespace

TEST_CASE("the names that a removal marks are those of the secrets that members share") {
  std::set<std::string> shared;
  for (const SecretRow& row : secret_table()) {
    if (row.origin == SecretOrigin::shared) {
      shared.insert(row.name);
    }
  }
  std::set<std::string> known(orama::api::kMarkedSecrets.begin(), orama::api::kMarkedSecrets.end());
  known.insert(std::string(orama::api::kJoinKeySecret));
  CHECK(known == shared);
}

TEST_CASE("every secret has the form that its reader wants, 0600 root, one line") {
  FakeHost fake;
  auto secrets = make_all(fake);
  for (const char* key :
       {"wireguard.key", "node.key", "jwt-signing.key", "cluster-join.key", "tenant-secrets.key",
        "challenge-mac.key", "databases.key", "ipfs.key", "ipfs-cluster.key"}) {
    CAPTURE(key);
    CHECK(orama::crypto::from_base64(line(secrets[key])).value().size() == 32);
  }
  for (const char* password : {"registry-password", "agent-registry-password", "olric-password",
                               "ipfs-cluster-rest-password"}) {
    CAPTURE(password);
    CHECK(orama::crypto::from_base64url(line(secrets[password])).value().size() == 32);
  }
  CHECK(orama::crypto::from_hex(line(secrets["ipfs-cluster-secret"])).value().size() == 32);
  CHECK(secrets["ipfs-swarm.key"].starts_with("/key/swarm/psk/1.0.0/\n/base16/\n"));
  CHECK(secrets["ipfs-swarm.key"].size() == 31 + 64 + 1);
  for (const auto& [name, content] : secrets) {
    CAPTURE(name);
    const auto status = fake.files.status(kFolder + name).value();
    REQUIRE(status.has_value());
    CHECK(status->mode == 0600);
    CHECK(status->owner == "root");
  }
}

TEST_CASE("no two secrets are the same, and the registry's passwords stand in its users file") {
  FakeHost fake;
  auto secrets = make_all(fake);
  std::set<std::string> values;
  for (const auto& [name, content] : secrets) {
    values.insert(content);
  }
  CHECK(values.size() == secrets.size());
  CHECK(registry_password(secrets["rqlite-auth.json"], "gateway").value() ==
        line(secrets["registry-password"]));
  CHECK(registry_password(secrets["rqlite-auth.json"], "agent").value() ==
        line(secrets["agent-registry-password"]));
}

TEST_CASE("what is there is never made again; what is missing is, and still fits") {
  FakeHost fake;
  const auto before = make_all(fake);
  CHECK(make_all(fake) == before);
  REQUIRE(fake.files.remove_file("/etc/orama/secrets/registry-password").ok());
  CHECK(make_all(fake) == before);
}

TEST_CASE("the registry's users may do what their part needs and nothing more") {
  const auto users = orama::parse_json(rqlite_users_text(
      [](std::string_view user) { return orama::crypto::Secret("of " + std::string(user)); }));
  REQUIRE(users.ok());
  std::map<std::string, std::set<std::string>> permissions;
  for (const auto& user : *users) {
    CHECK(user["password"] == "of " + user["username"].get<std::string>());
    permissions[user["username"]] = user["perms"].get<std::set<std::string>>();
  }
  CHECK(permissions.size() == 3);
  CHECK(permissions["gateway"] == std::set<std::string>{"execute", "query", "status", "ready",
                                                        "backup", "leader-ops", "snapshot"});
  CHECK(permissions["agent"] ==
        std::set<std::string>{"status", "ready", "leader-ops", "remove", "query", "execute"});
  CHECK(permissions["join"] == std::set<std::string>{"join", "join-read-only"});
}

TEST_CASE("a users file without the user gives an error that shows nothing of it") {
  for (const char* text :
       {"", "{", "{}", "[]", R"([{"username":"gateway"}])",
        R"([{"username":"gateway","password":""}])", R"([{"username":"gateway","password":7}])",
        R"(["gateway"])", R"([{"username":"other","password":"topsecret"}])"}) {
    CAPTURE(text);
    const auto password = registry_password(text, "gateway");
    REQUIRE_FALSE(password.ok());
    CHECK(password.error().full_message().find("topsecret") == std::string::npos);
  }
}
