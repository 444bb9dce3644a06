#include "gateway/backends/sqlite_connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <sqlite3.h>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, Finalize>;

constexpr int kBusyTimeoutMs = 5000;
constexpr std::chrono::milliseconds kBusyPause{5};

Error sqlite_error(sqlite3* handle) {
  const int code = sqlite3_errcode(handle);
  std::string message = sqlite3_errmsg(handle);
  switch (code) {
    case SQLITE_CONSTRAINT:
      return make_error(Errc::conflict, std::move(message));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make_error(Errc::unreachable, "the registry file is locked by another process");
    default:
      return make_error(Errc::failed, std::move(message));
  }
}

// The statement, or null for a text of blanks and comments only.
Result<StatementHandle> prepare(sqlite3* handle, std::string_view text, std::string_view* rest) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  if (sqlite3_prepare_v2(handle, text.data(), static_cast<int>(text.size()), &raw, &tail) !=
      SQLITE_OK) {
    return sqlite_error(handle);
  }
  *rest = text.substr(static_cast<std::size_t>(tail - text.data()));
  return StatementHandle(raw);
}

Result<StatementHandle> prepare_bound(sqlite3* handle, const Statement& statement) {
  std::string_view rest;
  TRY(prepared, prepare(handle, statement.sql, &rest));
  if (prepared == nullptr || !rest.empty()) {
    return make_error(Errc::failed, "expected one statement in a text, found none or several");
  }
  if (sqlite3_bind_parameter_count(prepared.get()) != static_cast<int>(statement.values.size())) {
    return make_error(Errc::failed, "the statement has another number of parameters than values");
  }
  int index = 0;
  for (const Value& value : statement.values) {
    ++index;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      sqlite3_bind_int64(prepared.get(), index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      sqlite3_bind_text64(prepared.get(), index, text->data(), text->size(), SQLITE_STATIC,
                          SQLITE_UTF8);
    } else {
      sqlite3_bind_null(prepared.get(), index);
    }
  }
  return prepared;
}

Result<Value> column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value(std::int64_t{sqlite3_column_int64(statement, column)});
    case SQLITE_NULL:
      return Value(nullptr);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return Value(
          std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))));
    }
    default:
      return make_error(Errc::failed, std::string("column ") +
                                          sqlite3_column_name(statement, column) +
                                          ": expected INTEGER, TEXT or NULL");
  }
}

}  // namespace

void SqliteConnection::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Result<SqliteConnection> SqliteConnection::open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  SqliteConnection connection(raw);
  if (code != SQLITE_OK) {
    return make_error(Errc::failed, "cannot open the registry file " + path + ": " +
                                        (raw != nullptr ? sqlite3_errmsg(raw) : "out of memory"));
  }
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  TRY_VOID(connection.enter_wal().while_doing("opening the registry file " + path));
  for (const char* pragma : {"PRAGMA foreign_keys=ON", "PRAGMA synchronous=FULL"}) {
    TRY_VOID(connection.run(pragma).while_doing("opening the registry file " + path));
  }
  return connection;
}

Result<void> SqliteConnection::enter_wal() {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kBusyTimeoutMs);
  for (;;) {
    auto entered = run("PRAGMA journal_mode=WAL");
    if (entered.ok() || entered.error().code != Errc::unreachable ||
        std::chrono::steady_clock::now() > until) {
      return entered;
    }
    std::this_thread::sleep_for(kBusyPause);
  }
}

Result<void> SqliteConnection::run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return sqlite_error(handle_.get());
  }
  return {};
}

Result<Rows> SqliteConnection::query(const Statement& statement) {
  TRY(prepared, prepare_bound(handle_.get(), statement));
  if (sqlite3_stmt_readonly(prepared.get()) == 0) {
    return make_error(Errc::failed, "attempt to change the registry by a query");
  }
  Rows result;
  const int columns = sqlite3_column_count(prepared.get());
  result.columns.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    result.columns.emplace_back(sqlite3_column_name(prepared.get(), i));
  }
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(prepared.get())) == SQLITE_ROW) {
    std::vector<Value> row;
    row.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      TRY(value, column_value(prepared.get(), i));
      row.push_back(std::move(value));
    }
    result.rows.push_back(std::move(row));
  }
  if (step != SQLITE_DONE) {
    return sqlite_error(handle_.get());
  }
  return result;
}

Result<std::int64_t> SqliteConnection::execute_one(const Statement& statement) {
  TRY(prepared, prepare_bound(handle_.get(), statement));
  const std::int64_t before = sqlite3_total_changes64(handle_.get());
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(prepared.get())) == SQLITE_ROW) {
  }
  if (step != SQLITE_DONE) {
    return sqlite_error(handle_.get());
  }
  // changes() keeps the count of an earlier statement when this one was DDL.
  return sqlite3_total_changes64(handle_.get()) == before
             ? 0
             : std::int64_t{sqlite3_changes64(handle_.get())};
}

Result<std::vector<std::int64_t>> SqliteConnection::execute(
    const std::vector<Statement>& statements) {
  TRY_VOID(run("BEGIN IMMEDIATE"));
  std::vector<std::int64_t> affected;
  affected.reserve(statements.size());
  std::optional<Error> failure;
  for (const Statement& statement : statements) {
    auto count = execute_one(statement);
    if (!count.ok()) {
      failure = std::move(count).error();
      break;
    }
    affected.push_back(*count);
  }
  if (!failure) {
    if (auto committed = run("COMMIT"); !committed.ok()) {
      failure = std::move(committed).error();
    }
  }
  if (failure) {
    // Some errors end the transaction by themselves; then there is nothing to roll back.
    if (sqlite3_get_autocommit(handle_.get()) == 0) {
      TRY_VOID(run("ROLLBACK"));
    }
    return std::move(*failure);
  }
  return affected;
}

Result<std::vector<std::string>> SqliteConnection::run_script(std::string_view script) {
  std::vector<std::string> texts;
  while (!script.empty()) {
    std::string_view rest;
    TRY(prepared, prepare(handle_.get(), script, &rest));
    if (prepared != nullptr) {
      int step = SQLITE_ROW;
      while ((step = sqlite3_step(prepared.get())) == SQLITE_ROW) {
      }
      if (step != SQLITE_DONE) {
        return sqlite_error(handle_.get());
      }
      texts.emplace_back(script.substr(0, script.size() - rest.size()));
    }
    script = rest;
  }
  return texts;
}

}  // namespace orama::gateway::backends
