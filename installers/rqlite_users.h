// RQLite's -auth file: three users, each with what its part does and no more (engines-rqlite: the
// file is read at start only and must be equal on all nodes). Passwords are plain text there:
// rqlited knows no hash.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/crypto/secret.h"
#include "common/result.h"

namespace orama::installers {

using RqlitePassword = std::function<crypto::Secret(std::string_view user)>;
std::string rqlite_users_text(const RqlitePassword& password_of);
// The password of `user` in such a file. Errors name no content.
Result<std::string> registry_password(std::string_view auth_file, std::string_view user);

}  // namespace orama::installers
