// Any bytes as node.json and as the admin API's bodies: a value that is written and read back the
// same, or an error that names something.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/api/cluster.h"
#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/api/status.h"
#include "common/json.h"
#include "tests/fuzz/require.h"

namespace {

template <class T>
void check(const nlohmann::json& json) {
  const auto value = T::from_json(json);
  if (value.ok()) {
    const auto written = value->to_json();
    FUZZ_REQUIRE(T::from_json(written).value().to_json() == written);
  } else {
    FUZZ_REQUIRE(!value.error().message.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = orama::parse_json(text);
  if (!json.ok()) {
    FUZZ_REQUIRE(!orama::api::NodeFile::from_text(text).ok());
    return 0;
  }
  check<orama::api::NodeFile>(*json);
  check<orama::api::ClusterCreate>(*json);
  check<orama::api::Desired>(*json);
  check<orama::api::Actual>(*json);
  check<orama::api::AdminStatus>(*json);
  check<orama::api::Node>(*json);
  return 0;
}
