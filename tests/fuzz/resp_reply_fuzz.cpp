// Replies of a cache: the same outcome however the bytes are cut, and never more of anything than
// allowed. The first byte chooses the cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "common/resp/reader.h"
#include "common/resp/reply.h"
#include "common/result.h"
#include "tests/fuzz/require.h"

namespace {

using orama::resp::RespReader;
using orama::resp::RespReply;

constexpr RespReader::Limits kLimits{256, 32};

struct Outcome {
  std::vector<RespReply> replies;
  bool broken = false;
  bool operator==(const Outcome&) const = default;
};

std::size_t elements_of(const RespReply& reply) {
  std::size_t count = reply.elements.size();
  for (const RespReply& element : reply.elements) {
    count += elements_of(element);
  }
  return count;
}

Outcome read(std::string_view bytes, std::size_t piece) {
  RespReader reader(kLimits);
  Outcome outcome;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto reply = reader.next();
      if (!reply.ok()) {
        outcome.broken = true;
        return outcome;
      }
      if (!*reply) {
        break;
      }
      FUZZ_REQUIRE((*reply)->text.size() <= kLimits.bytes);
      FUZZ_REQUIRE(elements_of(**reply) <= static_cast<std::size_t>(kLimits.elements));
      outcome.replies.push_back(std::move(**reply));
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  FUZZ_REQUIRE(read(bytes, bytes.size() + 1) == read(bytes, data[0] + 1U));
  return 0;
}
