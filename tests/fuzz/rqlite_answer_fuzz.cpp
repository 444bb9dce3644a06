// Answers of rqlite: rows or an error, never an exception; rows are as wide as their columns. The
// first byte chooses the status and what is asked.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/backends/registry.h"
#include "gateway/backends/rqlite_answer.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace backends = orama::gateway::backends;
  if (size == 0) {
    return 0;
  }
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const int status = data[0] % 4 == 0 ? 503 : 200;
  const auto rows = backends::decode_query(status, body);
  if (rows.ok()) {
    FUZZ_REQUIRE(status == 200);
    for (const auto& row : rows->rows) {
      FUZZ_REQUIRE(row.size() == rows->columns.size());
    }
  }
  std::vector<backends::Statement> statements;
  statements.emplace_back("INSERT INTO t VALUES (1)");
  statements.emplace_back("CREATE TABLE u (n INTEGER)");
  const auto counts = backends::decode_execute(status, body, statements);
  if (counts.ok()) {
    FUZZ_REQUIRE(counts->size() == statements.size() && counts->back() == 0);
  }
  const std::size_t half = body.size() / 2;
  const auto state = backends::decode_state(body.substr(0, half), body.substr(half));
  if (state.ok()) {
    FUZZ_REQUIRE(state->voters_up <= state->voters);
  }
  static_cast<void>(backends::decode_state(body, body));
  return 0;
}
