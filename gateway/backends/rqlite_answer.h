// rqlite's answers as values of the registry contract (engines-rqlite.md 5, 6, 8). Pure functions
// on foreign bytes: rows or an error, never an exception. rqlite's errors are texts without a code;
// those of 8.43.4 are told apart by what they say of the outcome.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {

// The answer to /db/query with one statement.
Result<Rows> decode_query(int status, std::string_view body);

// The answer to /db/execute?transaction with these statements.
Result<std::vector<std::int64_t>> decode_execute(int status, std::string_view body,
                                                 const std::vector<Statement>& statements);

// The answers to /nodes?nonvoters&ver=2 and /status.
Result<RegistryState> decode_state(std::string_view nodes, std::string_view status);

}  // namespace orama::gateway::backends
