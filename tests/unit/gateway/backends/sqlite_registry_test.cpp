#include "gateway/backends/sqlite_registry.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "gateway/backends/registry.h"
#include "gateway/backends/sqlite_connection.h"
#include "tests/support/registry_conformance.h"
#include "tests/support/run_awaitable.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway::backends {
namespace {

using tests::run;

TEST_CASE("SQLite keeps the registry contract") {
  const tests::TemporaryFolder folder;
  asio::io_context context;
  SqliteRegistry registry(folder.file("registry.sqlite"), "node_1");
  CHECK(registry.engine() == "sqlite");
  tests::check_registry_conformance(context, registry);
}

TEST_CASE("what was written is there for the next process") {
  const tests::TemporaryFolder folder;
  asio::io_context context;
  {
    SqliteRegistry first(folder.file("registry.sqlite"), "node_1");
    std::vector<Statement> write;
    write.emplace_back("CREATE TABLE t (a TEXT)");
    write.emplace_back("INSERT INTO t VALUES ('kept')");
    REQUIRE(run(context, first.execute(std::move(write))).ok());
  }
  SqliteRegistry second(folder.file("registry.sqlite"), "node_1");
  auto rows = run(context, second.query(Statement("SELECT a FROM t"), Consistency::weak));
  REQUIRE(rows.ok());
  CHECK(rows->rows.at(0).at(0) == Value(std::string("kept")));
}

TEST_CASE("a file that cannot be opened is an error of each call, not of the start") {
  asio::io_context context;
  SqliteRegistry registry("/nonexistent/registry.sqlite", "node_1");
  auto ping = run(context, registry.ping());
  REQUIRE(!ping.ok());
  CHECK(ping.error().message.find("/nonexistent/registry.sqlite") != std::string::npos);
}

TEST_CASE("a script is split where SQLite splits it") {
  auto connection = SqliteConnection::open(":memory:");
  REQUIRE(connection.ok());
  auto texts = connection->run_script(
      "-- begin\nCREATE TABLE t (a TEXT); INSERT INTO t VALUES ('; no end'); /* ; */\n"
      "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; SELECT 1; END;\n-- nothing more;\n");
  REQUIRE(texts.ok());
  REQUIRE(texts->size() == 3);
  CHECK((*texts)[1].find("'; no end')") != std::string::npos);
  CHECK((*texts)[2].ends_with("END;"));

  auto broken = connection->run_script("CREATE TABLE ok (a); CREATE TABLE (");
  CHECK(!broken.ok());
}

TEST_CASE("two statements in one text are refused") {
  auto connection = SqliteConnection::open(":memory:");
  REQUIRE(connection.ok());
  REQUIRE(connection->run_script("CREATE TABLE t (a TEXT)").ok());
  std::vector<Statement> two;
  two.emplace_back("INSERT INTO t VALUES ('a'); DROP TABLE t");
  CHECK(!connection->execute(two).ok());
  auto rows = connection->query(Statement("SELECT count(*) FROM t"));
  REQUIRE(rows.ok());
  CHECK(rows->rows.at(0).at(0) == Value(std::int64_t{0}));
}

}  // namespace
}  // namespace orama::gateway::backends
