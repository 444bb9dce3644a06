// What an install reads of its host as text: answers of ss and ip, /proc/locks, the receipt,
// generated files. The first byte picks the parser. Two laws are held as well: a generated file is
// known as ours and gives back its content; a diff of equal texts is empty.
#include <cstddef>
#include <cstdint>
#include <string>

#include "installers/generated_file.h"
#include "installers/line_diff.h"
#include "installers/preflight/apt_lock.h"
#include "installers/preflight/interfaces.h"
#include "installers/preflight/listening_sockets.h"
#include "installers/receipt.h"
#include "tests/fuzz/require.h"

namespace orama::installers {
namespace {

void generated_file_laws(const std::string& text) {
  const std::string file = with_generated_line("/etc/x.conf", text);
  FUZZ_REQUIRE(authorship(file) == Authorship::ours);
  FUZZ_REQUIRE(without_generated_line(file) == text);
  FUZZ_REQUIRE(authorship(file + "x") == Authorship::hand_edited);
  static_cast<void>(authorship(text));
}

void diff_laws(const std::string& text) {
  const std::size_t middle = text.size() / 2;
  static_cast<void>(line_diff(text.substr(0, middle), text.substr(middle)));
  FUZZ_REQUIRE(line_diff(text, text).empty());
}

}  // namespace
}  // namespace orama::installers

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fuzzed = orama::installers;
  if (size == 0) {
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0:
      static_cast<void>(fuzzed::parse_listening_sockets(text));
      break;
    case 1:
      static_cast<void>(fuzzed::parse_addresses(text));
      break;
    case 2:
      static_cast<void>(fuzzed::parse_routes(text));
      break;
    case 3:
      static_cast<void>(fuzzed::lock_holder(text, "254:0", "398608"));
      break;
    case 4:
      static_cast<void>(fuzzed::Receipt::parse(text, "receipt.json"));
      break;
    case 5:
      fuzzed::generated_file_laws(text);
      break;
    default:
      fuzzed::diff_laws(text);
      break;
  }
  return 0;
}
