#include "installers/rqlite_engine.h"

#include <string>
#include <utility>

#include "common/api/database_users.h"
#include "common/atomic_file.h"
#include "common/crypto/encoding.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {

Result<crypto::Secret> agent_password(Files& files, const RqliteEngine& engine) {
  const std::string secrets = std::string(paths::kSecrets) + "/";
  if (engine.name_space == nullptr) {
    TRY(password, files.read(secrets + "agent-registry-password"));
    return crypto::Secret(without_line_end(std::move(password)));
  }
  TRY(text, files.read(secrets + "databases.key"));
  auto key = crypto::from_base64(without_line_end(std::move(text)));
  if (!key.ok()) {
    return std::move(key).while_doing("reading " + secrets + "databases.key").error();
  }
  return api::database_password(crypto::Secret(std::move(key).value()), engine.name_space, "agent");
}

}  // namespace orama::installers
