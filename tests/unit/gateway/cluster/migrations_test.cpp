#include "gateway/cluster/migrations.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_registry.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway::cluster {
namespace {

using backends::Consistency;
using backends::SqliteRegistry;
using backends::Statement;
using backends::Value;
using tests::run;

constexpr std::array<Migration, 2> kTwo = {
    Migration{1, "001_a", "CREATE TABLE a (n INTEGER);\nINSERT INTO a VALUES (1);"},
    Migration{2, "002_b", "-- adds a column\nALTER TABLE a ADD COLUMN t TEXT;"}};

std::int64_t number(asio::io_context& context, backends::Registry& registry, std::string sql) {
  auto rows = run(context, registry.query(Statement(std::move(sql)), Consistency::weak));
  REQUIRE(rows.ok());
  return std::get<std::int64_t>(rows->rows.at(0).at(0));
}

TEST_CASE("each migration is applied once") {
  const tests::TemporaryFolder folder;
  asio::io_context context;
  SqliteRegistry registry(folder.file("r.sqlite"), "n");
  auto first = run(context, migrate(&registry, std::span(kTwo).first(1)));
  REQUIRE(first.ok());
  CHECK(*first == 1);
  auto second = run(context, migrate(&registry, kTwo));
  REQUIRE(second.ok());
  CHECK(*second == 1);
  auto third = run(context, migrate(&registry, kTwo));
  REQUIRE(third.ok());
  CHECK(*third == 0);
  CHECK(number(context, registry, "SELECT count(*) FROM a") == 1);
  CHECK(number(context, registry, "SELECT count(*) FROM migrations") == 2);
}

TEST_CASE("a registry that a newer release has migrated is left as it is") {
  const tests::TemporaryFolder folder;
  asio::io_context context;
  SqliteRegistry registry(folder.file("r.sqlite"), "n");
  REQUIRE(run(context, migrate(&registry, kTwo)).ok());
  auto older = run(context, migrate(&registry, std::span(kTwo).first(1)));
  REQUIRE(older.ok());
  CHECK(*older == 0);
}

TEST_CASE("a migration that fails leaves nothing of itself") {
  const tests::TemporaryFolder folder;
  asio::io_context context;
  SqliteRegistry registry(folder.file("r.sqlite"), "n");
  REQUIRE(run(context, migrate(&registry, std::span(kTwo).first(1))).ok());
  std::vector<Statement> obstacle;
  obstacle.emplace_back("CREATE TABLE c (n INTEGER UNIQUE)");
  obstacle.emplace_back("INSERT INTO c VALUES (1)");
  REQUIRE(run(context, registry.execute(std::move(obstacle))).ok());
  const std::array<Migration, 3> broken = {
      kTwo[0], kTwo[1],
      Migration{3, "003_c",
                "CREATE TABLE IF NOT EXISTS c (n INTEGER UNIQUE); INSERT INTO c VALUES (1);"}};
  auto result = run(context, migrate(&registry, broken));
  REQUIRE(!result.ok());  // its own conflict is not taken for another gateway's success
  CHECK(result.error().full_message().find("003_c") != std::string::npos);
  CHECK(number(context, registry, "SELECT max(n) FROM migrations") == 2);
}

TEST_CASE("gateways that race on one registry: each migration is applied by one of them") {
  constexpr int kRounds = 10;
  constexpr int kGateways = 4;
  for (int round = 0; round < kRounds; ++round) {
    const tests::TemporaryFolder folder;
    std::array<int, kGateways> applied{};
    std::vector<std::thread> gateways;
    gateways.reserve(kGateways);
    for (int i = 0; i < kGateways; ++i) {
      gateways.emplace_back([&folder, &applied, i] {
        asio::io_context context;
        SqliteRegistry registry(folder.file("r.sqlite"), "n");
        auto count = run(context, migrate(&registry, kTwo));
        applied[static_cast<std::size_t>(i)] = count.ok() ? *count : -100;
      });
    }
    for (std::thread& gateway : gateways) {
      gateway.join();
    }
    int total = 0;
    for (const int count : applied) {
      total += count;
    }
    REQUIRE(total == 2);
  }
}

TEST_CASE("the embedded migrations keep the registry's rules") {
  const auto migrations = embedded_migrations();
  REQUIRE(!migrations.empty());
  int expected = 0;
  for (const Migration& migration : migrations) {
    CHECK(migration.number == ++expected);
  }
  auto split = split_migrations(migrations);
  REQUIRE(split.ok());
  for (const auto& statements : *split) {
    CHECK(!statements.empty());
    for (std::string sql : statements) {
      // Comments may speak of what code may not do.
      for (auto at = sql.find("--"); at != std::string::npos; at = sql.find("--")) {
        sql.erase(at, sql.find('\n', at) - at);
      }
      CAPTURE(sql);
      for (const std::string_view banned : {"DEFAULT", "TRIGGER", "CREATE VIEW", "random",
                                            "CURRENT_", "datetime", " REAL", " BLOB"}) {
        CHECK(sql.find(banned) == std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace orama::gateway::cluster
