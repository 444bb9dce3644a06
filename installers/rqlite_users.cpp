#include "installers/rqlite_users.h"

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::installers {
namespace {

using nlohmann::json;

struct RqliteUser {
  const char* name;
  std::vector<const char*> permissions;
};

std::vector<RqliteUser> user_table() {
  return {
      {"gateway", {"execute", "query", "status", "ready", "backup", "leader-ops", "snapshot"}},
      {"agent", {"status", "ready", "leader-ops", "remove", "query", "execute"}},
      {"join", {"join", "join-read-only"}},
  };
}

}  // namespace

std::string rqlite_users_text(const RqlitePassword& password_of) {
  json users = json::array();
  for (const RqliteUser& user : user_table()) {
    users.push_back({{"username", user.name},
                     {"password", password_of(user.name).reveal()},
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
