#include "tests/support/registry_conformance.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "gateway/backends/registry.h"
#include "tests/support/run_awaitable.h"

namespace orama::tests {
namespace {

using gateway::backends::Consistency;
using gateway::backends::Registry;
using gateway::backends::Rows;
using gateway::backends::Statement;
using gateway::backends::Value;

struct Engine {
  boost::asio::io_context& context;
  Registry& registry;

  Result<Rows> query(std::string sql, std::vector<Value> values = {},
                     Consistency consistency = Consistency::weak) {
    return run(context, registry.query(Statement(std::move(sql), std::move(values)), consistency));
  }
  Result<std::vector<std::int64_t>> execute(std::vector<Statement> statements) {
    return run(context, registry.execute(std::move(statements)));
  }
  std::int64_t count(const std::string& table) {
    auto rows = query("SELECT count(*) FROM " + table);
    REQUIRE(rows.ok());
    return std::get<std::int64_t>(rows->rows.at(0).at(0));
  }
};

void check_values(Engine engine) {
  REQUIRE(engine.execute({Statement("CREATE TABLE conf_values (n INTEGER PRIMARY KEY, v)")}).ok());
  const std::vector<Value> values = {
      Value(nullptr),
      Value(INT64_MIN),
      Value(INT64_MAX),
      Value(std::int64_t{9007199254740993}),  // 2^53 + 1: lost in a double
      Value(std::int64_t{0}),
      Value(std::string()),
      Value(std::string("it's \"quoted\" \\ and ?")),
      Value(std::string("naïve – 日本 \n\t")),
      Value(std::string("nul\0inside", 10)),
      Value(std::string("x'00ff'")),  // rqlite would make blobs of these three
      Value(std::string(" X'AB' ")),
      Value(std::string("x''")),
      Value(std::string("x'zz'")),
  };
  std::int64_t n = 0;
  for (const Value& value : values) {
    CAPTURE(n);
    std::vector<Statement> insert;
    insert.emplace_back("INSERT INTO conf_values (n, v) VALUES (?, ?) -- not a ? parameter",
                        std::vector<Value>{Value(n), value});
    REQUIRE(engine.execute(std::move(insert)).ok());
    auto rows = engine.query("SELECT v, '?', ? FROM conf_values WHERE n = ?", {value, Value(n)});
    REQUIRE(rows.ok());
    REQUIRE(rows->rows.size() == 1);
    CHECK(rows->rows[0][0] == value);
    CHECK(rows->rows[0][1] == Value(std::string("?")));
    CHECK(rows->rows[0][2] == value);
    ++n;
  }
}

void check_transactions(Engine engine) {
  REQUIRE(engine
              .execute({Statement("CREATE TABLE conf_tx (id TEXT PRIMARY KEY, n INTEGER NOT NULL)"),
                        Statement("INSERT INTO conf_tx VALUES ('a', 1)")})
              .ok());
  SUBCASE("a broken constraint undoes all of it") {
    auto done = engine.execute({Statement("INSERT INTO conf_tx VALUES ('b', 2)"),
                                Statement("UPDATE conf_tx SET n = 100 WHERE id = 'a'"),
                                Statement("INSERT INTO conf_tx VALUES ('a', 3)")});
    REQUIRE(!done.ok());
    CHECK(done.error().code == Errc::conflict);
    CHECK(done.error().message.find("conf_tx.id") != std::string::npos);
    auto rows = engine.query("SELECT id, n FROM conf_tx");
    REQUIRE(rows.ok());
    REQUIRE(rows->rows.size() == 1);
    CHECK(rows->rows[0][1] == Value(std::int64_t{1}));
  }
  SUBCASE("an unknown table undoes all of it") {
    auto done = engine.execute({Statement("INSERT INTO conf_tx VALUES ('b', 2)"),
                                Statement("INSERT INTO conf_no_such_table VALUES (1)")});
    REQUIRE(!done.ok());
    CHECK(done.error().code == Errc::failed);
    CHECK(engine.count("conf_tx") == 1);
  }
  SUBCASE("NOT NULL and CHECK are conflicts") {
    auto done = engine.execute({Statement("INSERT INTO conf_tx VALUES ('b', NULL)")});
    REQUIRE(!done.ok());
    CHECK(done.error().code == Errc::conflict);
  }
  SUBCASE("rows affected, one number a statement") {
    auto done = engine.execute({Statement("INSERT INTO conf_tx VALUES ('b', 2), ('c', 2)"),
                                Statement("CREATE TABLE conf_tx_more (n INTEGER)"),
                                Statement("UPDATE conf_tx SET n = 9 WHERE id = 'none'"),
                                Statement("UPDATE conf_tx SET n = 9 WHERE n = 2"),
                                Statement("INSERT INTO conf_tx SELECT 'd', 4 WHERE 0"),
                                Statement("DELETE FROM conf_tx WHERE n = 9")});
    REQUIRE(done.ok());
    CHECK(*done == std::vector<std::int64_t>{2, 0, 0, 2, 0, 2});
    REQUIRE(engine.execute({Statement("DROP TABLE conf_tx_more")}).ok());
  }
  REQUIRE(engine.execute({Statement("DROP TABLE conf_tx")}).ok());
}

void check_foreign_keys(Engine engine) {
  REQUIRE(
      engine
          .execute({Statement("CREATE TABLE conf_parent (id INTEGER PRIMARY KEY)"),
                    Statement("CREATE TABLE conf_child (p INTEGER REFERENCES conf_parent (id))")})
          .ok());
  auto done = engine.execute({Statement("INSERT INTO conf_child VALUES (7)")});
  REQUIRE(!done.ok());
  CHECK(done.error().code == Errc::conflict);
}

void check_queries(Engine engine) {
  REQUIRE(engine.execute({Statement("CREATE TABLE conf_rows (n INTEGER, t TEXT)")}).ok());
  for (const Consistency consistency : {Consistency::weak, Consistency::linearizable}) {
    auto none = engine.query("SELECT n, t FROM conf_rows", {}, consistency);
    REQUIRE(none.ok());
    CHECK(none->rows.empty());
    CHECK(none->columns == std::vector<std::string>{"n", "t"});
  }
  auto unknown = engine.query("SELECT 1 FROM conf_no_such_table");
  REQUIRE(!unknown.ok());
  CHECK(unknown.error().code == Errc::failed);
  auto write = engine.query("INSERT INTO conf_rows VALUES (1, 'x')");
  REQUIRE(!write.ok());
  CHECK(write.error().code == Errc::failed);
  CHECK(engine.count("conf_rows") == 0);
  CHECK(!engine.query("SELECT ?", {}).ok());                        // a value too few
  CHECK(!engine.query("SELECT 1", {Value(std::int64_t{1})}).ok());  // a value too many
  CHECK(!engine.query("SELECT 1.5").ok());                          // no column of ours is REAL
}

void check_state(Engine engine) {
  CHECK(run(engine.context, engine.registry.ping()).ok());
  auto before = run(engine.context, engine.registry.state());
  REQUIRE(before.ok());
  CHECK(!before->leader_id.empty());
  CHECK(before->voters == 1);
  CHECK(before->voters_up == 1);
  CHECK(before->database_bytes > 0);
  REQUIRE(engine.execute({Statement("CREATE TABLE conf_state (n INTEGER)")}).ok());
  auto after = run(engine.context, engine.registry.state());
  REQUIRE(after.ok());
  CHECK(after->applied_index > before->applied_index);
  REQUIRE(engine.execute({Statement("DROP TABLE conf_state")}).ok());
}

}  // namespace

void check_registry_conformance(boost::asio::io_context& context, Registry& registry) {
  const Engine engine{context, registry};
  check_transactions(engine);
  check_values(engine);
  check_foreign_keys(engine);
  check_queries(engine);
  check_state(engine);
  REQUIRE(Engine(engine)
              .execute({Statement("DROP TABLE conf_values"), Statement("DROP TABLE conf_child"),
                        Statement("DROP TABLE conf_parent"), Statement("DROP TABLE conf_rows")})
              .ok());
}

}  // namespace orama::tests
