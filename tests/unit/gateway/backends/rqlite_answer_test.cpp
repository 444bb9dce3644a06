#include "gateway/backends/rqlite_answer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {
namespace {

std::vector<Statement> one(std::string sql, std::vector<Value> values = {}) {
  std::vector<Statement> statements;
  statements.emplace_back(std::move(sql), std::move(values));
  return statements;
}

TEST_CASE("rows come back exactly") {
  auto rows =
      decode_query(200, R"({"results":[{"columns":["a","b","c"],"types":["","",""],"values":[)"
                        R"([9007199254740993,"t",null],[-9223372036854775808,"",1]]}]})");
  REQUIRE(rows.ok());
  CHECK(rows->columns == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(rows->rows.size() == 2);
  CHECK(rows->rows[0][0] == Value(std::int64_t{9007199254740993}));
  CHECK(rows->rows[0][2] == Value(nullptr));
  CHECK(rows->rows[1][0] == Value(INT64_MIN));

  auto none = decode_query(200, R"({"results":[{"columns":["a"],"types":["text"]}]})");
  REQUIRE(none.ok());
  CHECK(none->rows.empty());
}

TEST_CASE("errors of the engine have the code that says what may be done") {
  struct Case {
    int status;
    std::string_view body;
    Errc read, write;
  };
  const std::vector<Case> cases = {
      {200, R"({"results":[{"error":"UNIQUE constraint failed: t.u"}]})", Errc::conflict,
       Errc::conflict},
      {200, R"({"results":[{"error":"no such table: t"}]})", Errc::failed, Errc::failed},
      {200, R"({"results":[],"error":"stale read"})", Errc::quorum_refused, Errc::quorum_refused},
      {200,
       R"({"results":[],"error":"node failed to process Execute on remote node at A: pool get: dial tcp A: connect: connection refused"})",
       Errc::quorum_refused, Errc::quorum_refused},
      {200,
       R"({"results":[],"error":"node failed to process Execute on remote node at A: write protobuf bytes: broken pipe"})",
       Errc::quorum_refused, Errc::timeout},
      {200, R"({"results":[],"error":"leadership lost while committing log"})",
       Errc::quorum_refused, Errc::timeout},
      {500, "leader address: leader not found\n", Errc::quorum_refused, Errc::quorum_refused},
      {503, "leader not contactable", Errc::quorum_refused, Errc::quorum_refused},
      {401, "", Errc::not_allowed, Errc::not_allowed},
      {500, "json: unsupported value: +Inf", Errc::failed, Errc::failed},
      {404, "404 page not found", Errc::failed, Errc::failed},
  };
  for (const Case& c : cases) {
    CAPTURE(c.body);
    auto rows = decode_query(c.status, c.body);
    REQUIRE(!rows.ok());
    CHECK(rows.error().code == c.read);
    auto counts = decode_execute(c.status, c.body, one("INSERT INTO t VALUES (1)"));
    REQUIRE(!counts.ok());
    CHECK(counts.error().code == c.write);
  }
}

TEST_CASE("counts are taken only where rqlite's are fresh") {
  std::vector<Statement> statements;
  statements.reserve(5);
  for (const char* sql : {"INSERT INTO t VALUES (1)", "CREATE TABLE u (a)", " update t SET a = 1",
                          "DELETE FROM t", "SELECT 1"}) {
    statements.emplace_back(sql);
  }
  auto counts = decode_execute(
      200,
      R"({"results":[{"last_insert_id":1,"rows_affected":1},{"last_insert_id":1,"rows_affected":1},{},)"
      R"({"rows_affected":3},{"rows_affected":3}]})",
      statements);
  REQUIRE(counts.ok());
  CHECK(*counts == std::vector<std::int64_t>{1, 0, 0, 3, 0});
}

TEST_CASE("what is no answer of rqlite is refused") {
  for (const std::string_view body :
       {"", "nonsense", "[]", "{}", R"({"results":{}})", R"({"results":[1]})", R"({"results":[]})",
        R"({"results":[{}]})", R"({"results":[{"columns":["a"],"values":[[1,2]]}]})",
        R"({"results":[{"columns":["a"],"values":[1]}]})", R"({"results":[{"columns":[1]}]})",
        R"({"results":[{"columns":["a"],"values":[[1.5]]}]})",
        R"({"results":[{"columns":["a"],"values":[[true]]}]})",
        R"({"results":[{"columns":["a"],"values":[[18446744073709551615]]}]})",
        R"({"results":[{"columns":["a"],"values":7}]})"}) {
    CAPTURE(body);
    auto rows = decode_query(200, body);
    REQUIRE(!rows.ok());
    CHECK(rows.error().code == Errc::failed);
  }
  CHECK(!decode_execute(200, R"({"results":[{},{}]})", one("DELETE FROM t")).ok());
}

TEST_CASE("leader, voters and sizes") {
  const std::string_view nodes =
      R"({"nodes":[{"id":"n1","voter":true,"reachable":true,"leader":true},)"
      R"({"id":"n2","voter":true,"reachable":false,"leader":false},)"
      R"({"id":"n3","voter":false,"reachable":true,"leader":false}]})";
  const std::string_view status =
      R"({"store":{"raft":{"applied_index":42},"sqlite3":{"db_size":4096,"wal_size":100}}})";
  auto state = decode_state(nodes, status);
  REQUIRE(state.ok());
  CHECK(state->leader_id == "n1");
  CHECK(state->voters == 2);
  CHECK(state->voters_up == 1);
  REQUIRE(state->members.size() == 3);
  CHECK(state->members.at("n2").voter);
  CHECK(!state->members.at("n2").reachable);
  CHECK(!state->members.at("n3").voter);
  CHECK(state->members.at("n3").reachable);
  CHECK(state->applied_index == 42);
  CHECK(state->database_bytes == 4196);
  for (const auto& [n, s] : {std::pair<std::string_view, std::string_view>("", status),
                             {nodes, ""},
                             {"[]", status},
                             {R"({"nodes":{}})", status},
                             {R"({"nodes":[1]})", status}}) {
    CHECK(!decode_state(n, s).ok());
  }
}

}  // namespace
}  // namespace orama::gateway::backends
