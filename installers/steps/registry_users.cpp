#include "installers/steps/registry_users.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/crypto/encoding.h"
#include "common/crypto/random.h"
#include "common/result.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr std::size_t kPasswordBytes = 32;

struct RegistryUser {
  const char* name;
  std::vector<const char*> permissions;
};

std::vector<RegistryUser> registry_user_table() {
  return {
      {"gateway", {"execute", "query", "status", "ready", "backup", "leader-ops", "snapshot"}},
      {"agent", {"status", "ready", "leader-ops", "remove", "query", "execute"}},
      {"join", {"join", "join-read-only"}},
  };
}

}  // namespace

Result<std::string> make_registry_users(crypto::Random& random) {
  json users = json::array();
  for (const RegistryUser& user : registry_user_table()) {
    users.push_back({{"username", user.name},
                     {"password", crypto::to_base64url(random.bytes(kPasswordBytes))},
                     {"perms", user.permissions}});
  }
  return users.dump(2) + "\n";
}

Result<std::string> registry_password(std::string_view auth_file, std::string_view user) {
  const json users = json::parse(auth_file, nullptr, false);
  if (!users.is_array()) {
    return make_error(Errc::failed, "rqlite-auth.json is no JSON list of users");
  }
  for (const json& entry : users) {
    if (entry.is_object() && entry.value("username", json()) == json(user)) {
      const json password = entry.value("password", json());
      if (password.is_string() && !password.get_ref<const std::string&>().empty()) {
        return password.get<std::string>();
      }
    }
  }
  return make_error(Errc::not_found,
                    "rqlite-auth.json has no user `" + std::string(user) + "` with a password");
}

}  // namespace orama::installers
