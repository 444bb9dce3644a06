#include "common/api/database_users.h"

#include <string>
#include <string_view>

#include "common/crypto/encoding.h"
#include "common/crypto/hash.h"
#include "common/crypto/secret.h"

namespace orama::api {

crypto::Secret database_password(const crypto::Secret& databases_key, std::string_view name_space,
                                 std::string_view user) {
  // NUL ends each part: neither a namespace nor a user holds one.
  std::string text = "orama database v1";
  for (const std::string_view part : {name_space, user}) {
    text += '\0';
    text += part;
  }
  return crypto::Secret(
      crypto::to_base64url(crypto::keyed_blake2b_256(databases_key.reveal(), text)));
}

}  // namespace orama::api
