// What `ip -json` prints.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "installers/host/mesh_interface.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto state = orama::installers::parse_ip_address_json(text);
  FUZZ_REQUIRE(!state.ok() || state->present || state->addresses.empty());
  const auto devices = orama::installers::parse_default_route_devices(text);
  if (devices.ok()) {
    for (const auto& device : *devices) {
      FUZZ_REQUIRE(!device.empty());
    }
  }
  return 0;
}
