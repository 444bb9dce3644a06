// Passwords of the namespaces' databases (architecture.md 4), derived from one shared secret so
// that a new database needs no new secret on every member: the node's rqlited is given them, and
// who talks to it works them out.
#pragma once

#include <string_view>

#include "common/crypto/secret.h"

namespace orama::api {

// `databases_key`: the 32 bytes of databases.key. BLAKE2b-256 keyed with it, in base64url.
crypto::Secret database_password(const crypto::Secret& databases_key, std::string_view name_space,
                                 std::string_view user);

}  // namespace orama::api
