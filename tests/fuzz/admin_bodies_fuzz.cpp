// Bodies of the admin API: a value or an error that names a field, never an exception; a value that
// was taken is written and read as the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/api/status.h"
#include "common/mesh/ip_address.h"
#include "tests/fuzz/require.h"

namespace {

template <class T>
void check(const nlohmann::json& json) {
  const auto value = T::from_json(json);
  if (!value.ok()) {
    FUZZ_REQUIRE(value.error().message.find(": ") != std::string::npos);
    return;
  }
  const nlohmann::json written = value->to_json();
  const auto again = T::from_json(written);
  FUZZ_REQUIRE(again.ok() && again->to_json() == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace api = orama::api;
  const nlohmann::json json = nlohmann::json::parse(data, data + size, nullptr, false);
  check<api::ClusterCreate>(json);
  check<api::Actual>(json);
  check<api::Desired>(json);
  check<api::Node>(json);
  check<api::AdminStatus>(json);
  return 0;
}
