// HTTP replies of an engine: the same outcome however the bytes are cut, never more body than
// allowed. The first byte chooses the cut.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/backends/http_reply.h"
#include "tests/fuzz/require.h"

namespace {

using orama::gateway::backends::HttpReplyParser;

constexpr std::size_t kLimit = 64;

struct Outcome {
  bool ok = true;
  bool done = false;
  int status = 0;
  std::string body;
  bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view bytes, std::size_t piece) {
  HttpReplyParser parser(kLimit);
  Outcome outcome;
  while (!bytes.empty() && outcome.ok && !outcome.done) {
    const std::string_view now = bytes.substr(0, piece);
    bytes.remove_prefix(now.size());
    const auto state = parser.feed(now);
    outcome.ok = state.ok();
    outcome.done = state.ok() && *state == HttpReplyParser::State::done;
  }
  if (outcome.ok && !outcome.done) {
    const auto state = parser.end_of_stream();
    outcome.ok = state.ok();
    outcome.done = state.ok();
  }
  if (outcome.done) {
    outcome.status = parser.status();
    outcome.body = parser.take_body();
    FUZZ_REQUIRE(outcome.body.size() <= kLimit);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  FUZZ_REQUIRE(parse(bytes, bytes.size() + 1) == parse(bytes, data[0] + 1U));
  return 0;
}
