// What wireguard-go's control socket answers: whatever it is, a peer that was read has a key of 32
// bytes, an IPv4 address or none, and an endpoint that can be written back.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/mesh/endpoint.h"
#include "installers/agent/uapi_text.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(orama::installers::parse_uapi_set_answer(text));
  const auto state = orama::installers::parse_uapi_get_answer(text);
  if (!state.ok()) {
    return 0;
  }
  FUZZ_REQUIRE(state->public_key.empty() || state->public_key.size() == 32);
  FUZZ_REQUIRE(state->listen_port >= 0 && state->listen_port <= 65535);
  for (const auto& peer : state->peers) {
    FUZZ_REQUIRE(peer.public_key.size() == 32);
    FUZZ_REQUIRE(!peer.mesh_ip || peer.mesh_ip->is_v4());
    FUZZ_REQUIRE(peer.endpoint.empty() || orama::mesh::Endpoint::parse(peer.endpoint).ok());
  }
  return 0;
}
