// What Kubo, IPFS Cluster and Olric say of their members: ids that are ids, addresses that are not
// empty, or an error; never an exception. The first byte chooses who speaks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "common/crypto/peer_id.h"
#include "common/resp/reader.h"
#include "common/result.h"
#include "installers/engines/ipfs_cluster.h"
#include "installers/engines/kubo.h"
#include "installers/engines/olric.h"
#include "tests/fuzz/require.h"

namespace {

void require_ids(const orama::Result<std::set<std::string>>& ids) {
  FUZZ_REQUIRE(!ids.ok() || std::all_of(ids->begin(), ids->end(), [](const std::string& id) {
    return orama::crypto::is_peer_id(id);
  }));
}

void look_at_cache(std::string_view text) {
  orama::resp::RespReader reader;
  reader.feed(text);
  const auto reply = reader.next();
  if (!reply.ok() || !reply->has_value()) {
    return;
  }
  const auto members = orama::installers::parse_cache_members(**reply);
  FUZZ_REQUIRE(!members.ok() || !members->contains(""));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      require_ids(orama::installers::parse_connected(text));
      break;
    case 1:
      require_ids(orama::installers::parse_peerings(text));
      break;
    case 2:
      require_ids(orama::installers::parse_cluster_peers(text));
      break;
    default:
      look_at_cache(text);
  }
  return 0;
}
