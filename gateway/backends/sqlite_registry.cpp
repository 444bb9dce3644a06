#include "gateway/backends/sqlite_registry.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_connection.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::backends {
namespace {

constexpr std::size_t kThreads = 2;

std::int64_t file_bytes(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

SqliteRegistry::SqliteRegistry(std::string path, std::string node_id)
    : path_(std::move(path)), node_id_(std::move(node_id)), pool_(kThreads) {}

Result<SqliteConnection> SqliteRegistry::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!free_.empty()) {
      SqliteConnection connection = std::move(free_.back());
      free_.pop_back();
      return connection;
    }
  }
  return SqliteConnection::open(path_);
}

void SqliteRegistry::put_back(SqliteConnection connection) {
  const std::scoped_lock lock(mutex_);
  free_.push_back(std::move(connection));
}

template <class F>
auto SqliteRegistry::with_connection(F use) -> decltype(use(std::declval<SqliteConnection&>())) {
  TRY(connection, take());
  auto result = use(connection);
  put_back(std::move(connection));
  return result;
}

Awaitable<Result<Rows>> SqliteRegistry::query(Statement statement, Consistency) {
  auto work = [this, statement = std::move(statement)] {
    return with_connection(
        [&statement](SqliteConnection& connection) { return connection.query(statement); });
  };
  co_return co_await pool_.run(std::move(work));
}

Awaitable<Result<std::vector<std::int64_t>>> SqliteRegistry::execute(
    std::vector<Statement> statements) {
  auto work = [this, statements = std::move(statements)] {
    return with_connection(
        [&statements](SqliteConnection& connection) { return connection.execute(statements); });
  };
  auto result = co_await pool_.run(std::move(work));
  if (result.ok()) {
    applied_.fetch_add(1, std::memory_order_relaxed);
  }
  co_return result;
}

Awaitable<Result<void>> SqliteRegistry::ping() {
  Statement statement("SELECT 1");
  CO_TRY(rows, co_await query(std::move(statement), Consistency::weak));
  if (rows.rows.size() != 1) {
    co_return make_error(Errc::failed, "the registry answered SELECT 1 without a row");
  }
  co_return Result<void>();
}

Awaitable<Result<RegistryState>> SqliteRegistry::state() {
  CO_TRY_VOID(co_await ping());
  RegistryState state;
  state.leader_id = node_id_;
  state.voters = 1;
  state.voters_up = 1;
  state.applied_index = applied_.load(std::memory_order_relaxed);
  state.database_bytes = file_bytes(path_) + file_bytes(path_ + "-wal");
  co_return state;
}

}  // namespace orama::gateway::backends
