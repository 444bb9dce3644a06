// The text of WireGuard's cross-platform user space interface (wireguard.com/xplatform): requests
// as we write them, answers as a hostile text is read. Pure functions. Keys are hex there. An
// answer to `get=1` holds the private key: it is turned into the public one and wiped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/secret.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {

inline constexpr std::size_t kMaxUapiAnswer = 1024UL * 1024;

crypto::Secret uapi_identity_request(const crypto::Secret& private_key, int listen_port);
// invalid_argument for a key that is not 32 bytes or an endpoint that is no literal address and
// port.
Result<std::string> uapi_peers_request(const std::vector<MeshPeerChange>& changes);

// The errno of an answer to `set=1`, as an error when it is not 0.
Result<void> parse_uapi_set_answer(std::string_view text);
Result<MeshDeviceState> parse_uapi_get_answer(std::string_view text);

}  // namespace orama::installers
