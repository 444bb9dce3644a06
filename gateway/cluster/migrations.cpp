#include "gateway/cluster/migrations.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_connection.h"
#include "gateway/http/awaitable.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::Registry;
using backends::Statement;

Awaitable<Result<std::set<std::int64_t>>> read_applied(Registry* registry) {
  Statement read("SELECT n FROM migrations");
  CO_TRY(rows, co_await registry->query(std::move(read), Consistency::linearizable));
  std::set<std::int64_t> applied;
  for (const auto& row : rows.rows) {
    if (const auto* number = std::get_if<std::int64_t>(&row.front())) {
      applied.insert(*number);
    }
  }
  co_return applied;
}

Awaitable<Result<std::set<std::int64_t>>> applied_migrations(Registry* registry) {
  auto applied = co_await read_applied(registry);
  if (applied.ok() || applied.error().code != Errc::failed) {
    co_return applied;
  }
  // Most likely there is no such table yet; it may be made any number of times, so racing does no
  // harm.
  std::vector<Statement> create;
  create.emplace_back("CREATE TABLE IF NOT EXISTS migrations (n INTEGER PRIMARY KEY)");
  CO_TRY_VOID(co_await registry->execute(std::move(create)));
  co_return co_await read_applied(registry);
}

// True when this call applied it, false when another gateway was faster.
Awaitable<Result<bool>> apply(Registry* registry, std::int64_t number,
                              std::vector<std::string> statements) {
  std::vector<Statement> transaction;
  transaction.reserve(statements.size() + 1);
  transaction.emplace_back("INSERT INTO migrations (n) VALUES (?)",
                           std::vector<backends::Value>(1, backends::Value(number)));
  for (std::string& sql : statements) {
    transaction.emplace_back(std::move(sql));
  }
  auto done = co_await registry->execute(std::move(transaction));
  if (done.ok()) {
    co_return true;
  }
  if (done.error().code != Errc::conflict) {
    co_return std::move(done).error();
  }
  CO_TRY(applied, co_await read_applied(registry));
  if (!applied.contains(number)) {
    co_return std::move(done).error();
  }
  co_return false;
}

}  // namespace

Result<std::vector<std::vector<std::string>>> split_migrations(
    std::span<const Migration> migrations) {
  TRY(scratch, backends::SqliteConnection::open(":memory:"));
  std::vector<std::vector<std::string>> split;
  split.reserve(migrations.size());
  for (const Migration& migration : migrations) {
    TRY(statements, scratch.run_script(migration.sql)
                        .while_doing("reading migration " + std::string(migration.name)));
    split.push_back(std::move(statements));
  }
  return split;
}

Awaitable<Result<int>> migrate(Registry* registry, std::span<const Migration> migrations) {
  CO_TRY(split, split_migrations(migrations));
  CO_TRY(applied, co_await applied_migrations(registry));
  int count = 0;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const std::int64_t number = migrations[i].number;
    if (applied.contains(number)) {
      continue;
    }
    auto done = co_await apply(registry, number, std::move(split[i]));
    if (!done.ok()) {
      Error error = std::move(done).error();
      error.context.push_back("applying migration " + std::string(migrations[i].name));
      co_return error;
    }
    count += *done ? 1 : 0;
  }
  co_return count;
}

}  // namespace orama::gateway::cluster
