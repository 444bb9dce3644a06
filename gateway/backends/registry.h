// The system's database: nodes, invites, keys, memberships. A contract with two engines, RQLite and
// SQLite, held to one conformance suite. Statements are ours, never a tenant's; values are always
// bound with bare
// `?`; time and chance are values made by the caller (engines-rqlite.md 1, rules 4 and 18). Columns
// hold INTEGER and TEXT (UTF-8) only, so that every value is exact through both engines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/result.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {

using Value = std::variant<std::nullptr_t, std::int64_t, std::string>;

// What a column of ours holds; 0 and "" for what is NULL or of the other type.
std::int64_t integer_of(const Value& value);
std::string text_of(const Value& value);

struct Statement {
  std::string sql;  // one statement
  std::vector<Value> values;
  explicit Statement(std::string text) : sql(std::move(text)) {}
  Statement(std::string text, std::vector<Value> bound)
      : sql(std::move(text)), values(std::move(bound)) {}
};

struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

// weak: the leader's state; linearizable: and proven leader at the time of reading.
enum class Consistency { weak, linearizable };

struct RegistryState {
  struct Member {
    bool voter = false, reachable = false;
  };
  std::string leader_id;  // node id; "" without a leader
  int voters = 0;
  int voters_up = 0;
  // By node id, as this node's engine lists them; none of an engine that knows no votes.
  std::map<std::string, Member> members;
  std::int64_t applied_index = 0;   // grows with every transaction that this node has applied
  std::int64_t database_bytes = 0;  // of this node's files

  bool is_voter(const std::string& node_id) const {
    const auto member = members.find(node_id);
    return member != members.end() && member->second.voter;
  }
};

class Registry {
 public:
  virtual ~Registry() = default;
  virtual std::string_view engine() const = 0;  // "rqlite", "sqlite"
  // Errors: unreachable and quorum_refused (nothing was applied; the latter: the engine answers but
  // cannot serve), timeout, failed (the engine's message).
  virtual Awaitable<Result<Rows>> query(Statement statement, Consistency consistency) = 0;
  // All in one transaction, all or nothing. Rows affected, one number a statement (0 for what is no
  // INSERT, UPDATE or DELETE). Errors as above, and conflict (a constraint). timeout: the outcome
  // is unknown.
  virtual Awaitable<Result<std::vector<std::int64_t>>> execute(
      std::vector<Statement> statements) = 0;
  // Cheap look whether it can be read now.
  virtual Awaitable<Result<void>> ping() = 0;
  // For status; never on the request path.
  virtual Awaitable<Result<RegistryState>> state() = 0;
};

}  // namespace orama::gateway::backends
