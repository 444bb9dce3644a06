// The registry in one SQLite file: `registry.engine: embedded`, and `--dev`. Owns the file's
// connections and the threads on which they block. For one process at a time by intent; a second
// one is safe, only slower.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "gateway/backends/blocking_pool.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_connection.h"

namespace orama::gateway::backends {

class SqliteRegistry final : public Registry {
 public:
  // `node_id` is what state() names as leader. The file is opened at its first use.
  SqliteRegistry(std::string path, std::string node_id);

  std::string_view engine() const override { return "sqlite"; }
  Awaitable<Result<Rows>> query(Statement statement, Consistency consistency) override;
  Awaitable<Result<std::vector<std::int64_t>>> execute(std::vector<Statement> statements) override;
  Awaitable<Result<void>> ping() override;
  Awaitable<Result<RegistryState>> state() override;

 private:
  // A free connection or a new one; give it back with put_back.
  Result<SqliteConnection> take();
  void put_back(SqliteConnection connection);
  template <class F>
  auto with_connection(F use) -> decltype(use(std::declval<SqliteConnection&>()));

  std::string path_;
  std::string node_id_;
  std::mutex mutex_;
  std::vector<SqliteConnection> free_;
  std::atomic<std::int64_t> applied_{0};
  BlockingPool pool_;  // last: joined before the connections go
};

}  // namespace orama::gateway::backends
