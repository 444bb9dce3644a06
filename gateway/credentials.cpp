#include "gateway/credentials.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/atomic_file.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/config.h"

namespace orama::gateway {

std::string credential_path(const Config& config, std::string_view name) {
  return config.credentials.empty() ? std::string() : config.credentials + "/" + std::string(name);
}

crypto::Secret read_credential(const Config& config, std::string_view name, const Log& log) {
  const std::string path = credential_path(config, name);
  auto text = path.empty() ? Result<std::string>(std::string()) : read_file(path);
  if (!text.ok()) {
    log.error("a credential cannot be read", text.error(), {{"credential", std::string(name)}});
    return crypto::Secret();
  }
  std::string line = std::move(*text);
  while (!line.empty() && line.back() == '\n') {
    line.pop_back();
  }
  if (!line.empty()) {
    log.redact(line);
  }
  return crypto::Secret(std::move(line));
}

std::optional<crypto::KeyPair> load_join_key(const Config& config, const Log& log) {
  const crypto::Secret text = read_credential(config, "cluster-join.key", log);
  if (text.empty()) {
    return std::nullopt;
  }
  auto bytes = crypto::from_base64(text.reveal());
  auto pair = bytes.ok() ? crypto::x25519_from_private(crypto::Secret(std::move(*bytes)))
                         : Result<crypto::KeyPair>(bytes.error());
  if (!pair.ok()) {
    log.error("the credential cluster-join.key holds no base64 key", pair.error());
    return std::nullopt;
  }
  return std::move(pair).value();
}

}  // namespace orama::gateway
