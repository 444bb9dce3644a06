// One connection to an SQLite file (or ":memory:"), with values and errors of the registry
// contract. The only file that calls SQLite for the registry. Not thread-safe: one thread at a
// time. Blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"

struct sqlite3;

namespace orama::gateway::backends {

class SqliteConnection {
 public:
  // Opens or creates the file in WAL mode with foreign keys on; a lock held elsewhere is waited for
  // 5 s.
  static Result<SqliteConnection> open(const std::string& path);
  SqliteConnection(SqliteConnection&&) noexcept = default;
  SqliteConnection& operator=(SqliteConnection&&) noexcept = default;

  Result<Rows> query(const Statement& statement);
  // In one transaction; rows affected by each statement.
  Result<std::vector<std::int64_t>> execute(const std::vector<Statement>& statements);
  // Runs a script statement by statement and gives the text of each, as SQLite itself splits it.
  Result<std::vector<std::string>> run_script(std::string_view script);

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };

  explicit SqliteConnection(sqlite3* handle) : handle_(handle) {}
  Result<std::int64_t> execute_one(const Statement& statement);
  Result<void> run(const char* sql);
  // Waits its turn: SQLite does not call the busy handler when connections race to turn a new file
  // to WAL, since one of them could wait for the other for ever.
  Result<void> enter_wal();

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace orama::gateway::backends
