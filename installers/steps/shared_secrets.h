// The cluster's shared secrets on a node that joins (join.md, step 3): a member seals them to this
// node's identity and hands them over a link. Exactly the shared rows of secret_table() are taken;
// each is written like a secret that was made here. And the member's half of it: what to seal.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_sources.h"

namespace orama::installers {

inline constexpr const char* kSecretsPath = "/v1/secrets";

Step shared_secrets_step(const NodeSpec& spec, const NodeSources& sources);

using SecretFiles = std::map<std::string, crypto::Secret>;  // by name of the file

// What came over the link, opened. An error names files, never their content.
Result<SecretFiles> open_shared_secrets(const crypto::Secret& identity_seed,
                                        const std::string& sealed);

// The text inside: exactly the shared rows of the table. Fuzzed.
Result<SecretFiles> parse_shared_secrets(std::string_view text);

// This node's own shared secrets, sealed to another node's identity (32 bytes of Ed25519).
Result<std::string> seal_shared_secrets(Host& host, const std::string& node_key);

}  // namespace orama::installers
