// Foreign text that a joining host and the agent read: a join URL, the record of an answer, what
// rqlite answers to the agent, and sealed secrets once opened. A value, or an error with words.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cli/join_url.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/agent/voter_change.h"
#include "installers/local_rqlite.h"
#include "installers/steps/join_record.h"
#include "installers/steps/shared_secrets.h"
#include "tests/fuzz/require.h"

namespace {

template <class T>
void check(const orama::Result<T>& result) {
  FUZZ_REQUIRE(result.ok() || !result.error().message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace installers = orama::installers;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = orama::cli::parse_join_url(text);
  check(url);
  FUZZ_REQUIRE(!url.ok() || orama::cli::parse_join_url(*url).value() == *url);
  check(installers::parse_rqlite_rows(text));
  check(installers::parse_rqlite_write(text));
  check(installers::parse_rqlite_nodes(text));
  check(installers::VoterIntent::from_text(text));
  check(installers::parse_shared_secrets(text));
  const auto json = orama::parse_json(text);
  if (json.ok()) {
    const auto record = installers::JoinRecord::from_json(*json);
    check(record);
    FUZZ_REQUIRE(!record.ok() || installers::JoinRecord::from_json(record->to_json())->to_json() ==
                                     record->to_json());
  }
  return 0;
}
