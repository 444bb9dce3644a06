// RQLite's -auth file: three users, each with what its part does and no more (engines-rqlite: the
// file is read at start only and must be equal on all nodes). Passwords are plain text there:
// rqlited knows no hash.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/random.h"
#include "common/result.h"

namespace orama::installers {

Result<std::string> make_registry_users(crypto::Random& random);
// The password of `user` in such a file. Errors name no content.
Result<std::string> registry_password(std::string_view auth_file, std::string_view user);

}  // namespace orama::installers
