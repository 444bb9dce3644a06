#include "gateway/credentials.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/api/database_users.h"
#include "common/atomic_file.h"
#include "common/crypto/box.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/link/identity.h"
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
  std::string line = without_line_end(std::move(*text));
  if (!line.empty()) {
    log.redact(line);
  }
  return crypto::Secret(std::move(line));
}

namespace {

constexpr std::size_t kKeyBytes = 32;

// 32 bytes of a key, from base64; absent when there is none or it is none.
std::optional<crypto::Secret> read_key(const Config& config, const char* name, const Log& log) {
  const crypto::Secret text = read_credential(config, name, log);
  if (text.empty()) {
    return std::nullopt;
  }
  auto bytes = crypto::from_base64(text.reveal());
  if (!bytes.ok()) {
    log.error("a credential holds no base64 key", bytes.error(), {{"credential", name}});
    return std::nullopt;
  }
  return crypto::Secret(std::move(bytes).value());
}

template <class T>
std::optional<T> usable(Result<T> made, const char* name, const Log& log) {
  if (!made.ok()) {
    log.error("a credential holds no usable key", made.error(), {{"credential", name}});
    return std::nullopt;
  }
  return std::move(made).value();
}

}  // namespace

crypto::Secret load_database_password(const Config& config, std::string_view user, const Log& log) {
  const auto key = read_key(config, "databases.key", log);
  if (!key || key->reveal().size() != kKeyBytes) {
    log.error("the database's password is not known: databases.key is missing or not of 32 bytes");
    return crypto::Secret();
  }
  crypto::Secret password = api::database_password(*key, "default", user);
  log.redact(password.reveal());
  return password;
}

std::optional<crypto::KeyPair> load_join_key(const Config& config, const Log& log) {
  constexpr const char* kName = "cluster-join.key";
  const auto key = read_key(config, kName, log);
  return key ? usable(crypto::x25519_from_private(*key), kName, log) : std::nullopt;
}

std::optional<crypto::KeyPair> load_identity_box_key(const Config& config, const Log& log) {
  constexpr const char* kName = "node.key";
  const auto seed = read_key(config, kName, log);
  return seed ? usable(crypto::x25519_of_identity(*seed), kName, log) : std::nullopt;
}

std::optional<link::LinkIdentity> load_link_identity(const Config& config, const Log& log) {
  constexpr const char* kName = "node.key";
  const auto key = read_key(config, kName, log);
  return key ? usable(link::LinkIdentity::from_seed(*key), kName, log) : std::nullopt;
}

}  // namespace orama::gateway
