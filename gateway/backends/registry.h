// The system's database: nodes, invites, keys, memberships. A contract with two engines, RQLite and SQLite,
// held to one conformance suite. Statements are ours, never a tenant's; values are always bound; time and
// chance are values made by the caller (engines-rqlite.md 1, rules 4 and 18).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/result.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {

using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string>;  // TEXT only; no blobs in the registry

struct Statement {
  std::string sql;  // one statement
  std::vector<Value> values;
  Statement(std::string text, std::vector<Value> bound) : sql(std::move(text)), values(std::move(bound)) {}
};

struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

// weak: the leader's state; linearizable: and proven leader at the time of reading.
enum class Consistency { weak, linearizable };

class Registry {
 public:
  virtual ~Registry() = default;
  virtual std::string_view engine() const = 0;  // "rqlite", "sqlite"
  // Errors: unreachable (nothing was applied), timeout, failed (the engine's message).
  virtual Awaitable<Result<Rows>> query(Statement statement, Consistency consistency) = 0;
  // All in one transaction, all or nothing. Rows affected, one number a statement. Errors: unreachable
  // (nothing was applied), timeout (outcome unknown), conflict (a constraint), failed.
  virtual Awaitable<Result<std::vector<std::int64_t>>> execute(std::vector<Statement> statements) = 0;
  // Cheap look whether it can be read now.
  virtual Awaitable<Result<void>> ping() = 0;
};

}  // namespace orama::gateway::backends
