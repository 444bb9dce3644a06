// What the engines answer to the gateway's looks: whatever they say, a name that is taken over is
// one, and what is said of them stays on one line. The first byte chooses the status.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/crypto/peer_id.h"
#include "common/resp/reader.h"
#include "common/result.h"
#include "gateway/health/engine_answers.h"
#include "tests/fuzz/require.h"

namespace {

using orama::Result;
namespace health = orama::gateway::health;

constexpr std::size_t kLongestMessage = 512;

template <class T>
void check_words(const Result<T>& result) {
  if (!result.ok()) {
    const std::string text = result.error().full_message();
    FUZZ_REQUIRE(text.size() <= kLongestMessage);
    FUZZ_REQUIRE(text.find('\n') == std::string::npos);
  }
}

void check_identity(const Result<health::EngineIdentity>& result) {
  check_words(result);
  FUZZ_REQUIRE(!result.ok() || orama::crypto::is_peer_id(result->peer_id));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  constexpr std::array<int, 4> kStatuses = {200, 401, 500, 503};
  const int status = kStatuses[data[0] % kStatuses.size()];
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_words(health::judge_database_ready(status, body));
  check_identity(health::read_storage_id(status, body));
  check_identity(health::read_pinning_id(status, body));
  orama::resp::RespReader reader;
  reader.feed(body);
  const auto reply = reader.next();
  if (reply.ok() && *reply) {
    check_words(health::judge_cache({**reply}));
  }
  return 0;
}
