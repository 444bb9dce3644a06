// Messages of a link: cut anywhere, the same bytes give the same messages or the same refusal; what
// was read can be written and read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/link/frame.h"
#include "tests/fuzz/require.h"

namespace {

// The messages before the first fault, and whether there was one.
struct Outcome {
  std::vector<nlohmann::json> messages;
  bool failed = false;
};

Outcome read(std::string_view bytes, std::size_t part) {
  orama::link::FrameParser parser;
  Outcome outcome;
  while (!bytes.empty() && !outcome.failed) {
    const std::size_t length = std::min(part, bytes.size());
    auto some = parser.feed(bytes.substr(0, length));
    outcome.failed = !some.ok();
    if (some.ok()) {
      outcome.messages.insert(outcome.messages.end(), some->begin(), some->end());
    }
    bytes.remove_prefix(length);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size());
  const Outcome cut = read(bytes, data[0] % 16U + 1U);
  FUZZ_REQUIRE(whole.failed == cut.failed);
  FUZZ_REQUIRE(whole.failed || whole.messages == cut.messages);
  for (const nlohmann::json& message : cut.messages) {
    FUZZ_REQUIRE(message.is_object() && message.at("type").is_string());
    const auto frame = orama::link::encode_message(message);
    if (frame
            .ok()) {  // a text that is a few bytes under the limit may be over it when written anew
      orama::link::FrameParser again;
      const auto same = again.feed(*frame);
      FUZZ_REQUIRE(same.ok() && same->size() == 1 && same->front() == message);
    }
  }
  return 0;
}
