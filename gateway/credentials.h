// What systemd hands to the unit (LoadCredential=), read once at start: one line each, kept as a
// Secret and told to the log's redactor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/link/identity.h"
#include "common/log.h"
#include "gateway/config.h"

namespace orama::gateway {

// The path of a credential; "" when the gateway has no folder of them.
std::string credential_path(const Config& config, std::string_view name);

// Empty when there is none or it cannot be read, which is logged.
crypto::Secret read_credential(const Config& config, std::string_view name, const Log& log);

// Of this user of the database of the namespace `default`; empty without the credential
// databases.key.
crypto::Secret load_database_password(const Config& config, std::string_view user, const Log& log);

// The X25519 pair that opens what joiners send; absent when this node does not hold it.
std::optional<crypto::KeyPair> load_join_key(const Config& config, const Log& log);

// The X25519 pair behind this node's identity: opens what is sealed to it. Absent without the
// credential node.key.
std::optional<crypto::KeyPair> load_identity_box_key(const Config& config, const Log& log);

// Who this node is on its links; absent without the credential node.key.
std::optional<link::LinkIdentity> load_link_identity(const Config& config, const Log& log);

}  // namespace orama::gateway
