#include "installers/local_rqlite.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "common/http_client.h"
#include "common/result.h"
#include "installers/rqlite_engine.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

using installers::LocalRqlite;
using installers::parse_rqlite_nodes;
using installers::parse_rqlite_rows;
using installers::parse_rqlite_write;

}  // namespace

TEST_CASE("rows, changed rows and members are read from what rqlite answers") {
  const auto rows =
      parse_rqlite_rows(R"({"results":[{"columns":["a","b"],"values":[["x",1],[null,2]]}]})");
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0][0] == "x");
  CHECK((*rows)[1][0].is_null());
  CHECK(parse_rqlite_rows(R"({"results":[{"columns":["a"],"types":["text"]}]})")->empty());
  CHECK(parse_rqlite_write(R"({"results":[{"rows_affected":1}]})").value() == 1);
  CHECK(parse_rqlite_write(R"({"results":[{}]})").value() == 0);
  const auto nodes = parse_rqlite_nodes(
      R"({"node_1":{"id":"node_1","voter":true,"leader":true,"reachable":true},"node_2":{"voter":false}})");
  REQUIRE(nodes.ok());
  CHECK(nodes->at("node_1").voter);
  CHECK(nodes->at("node_1").leader);
  CHECK_FALSE(nodes->at("node_2").voter);
}

TEST_CASE("an answer that is an error, or something else, is an error") {
  for (const char* text :
       {"", "[]", "{}", R"({"results":[]})", R"({"results":[{},{}]})", R"({"results":[7]})",
        R"({"results":{},"error":"leader not found"})",
        R"({"results":[{"error":"no such table"}]})", R"({"results":[{"values":7}]})",
        R"({"results":[{"values":[7]}]})", R"({"results":[{"error":7}]})"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rqlite_rows(text).ok());
  }
  CHECK_FALSE(parse_rqlite_write(R"({"results":[{"rows_affected":"1"}]})").ok());
  CHECK_FALSE(parse_rqlite_nodes("[]").ok());
  CHECK_FALSE(parse_rqlite_nodes(R"({"node_1":true})").ok());
  CHECK(parse_rqlite_nodes(R"({"node_1":{"voter":"yes"}})")->at("node_1").voter == false);
}

TEST_CASE("calls carry the agent's password and bound values, and no error shows the password") {
  FakeHost fake;
  fake.files.put("/etc/orama/secrets/agent-registry-password", "topsecret\n", {0600});
  HttpRequest last, before;
  fake.http.on_request([&last, &before](const HttpRequest& request) -> Result<HttpResponse> {
    before = std::exchange(last, request);
    return HttpResponse{
        request.method == "GET" ? 401 : 200, {}, R"({"results":[{"rows_affected":2}]})"};
  });
  LocalRqlite registry(fake.host, installers::kRegistry, "10.0.0.9");
  CHECK(registry.execute("DELETE FROM locks WHERE name=?", {std::string("x'00'"), std::int64_t{7}})
            .value() == 2);
  CHECK(last.url == "http://10.0.0.9:5001/db/execute?norwtime&norwrandom");
  CHECK(last.body == R"([["DELETE FROM locks WHERE name=?","x'00'",7]])");
  CHECK(last.password == "topsecret");
  REQUIRE(registry.remove("node_9", "10.0.0.1").ok());
  CHECK(before.method == "DELETE");
  CHECK(before.url == "http://10.0.0.1:5001/remove");
  CHECK(before.body == R"({"id":"node_9"})");
  CHECK(last.url == "http://10.0.0.1:5001/db/execute?norwtime&norwrandom");  // the write after it
  const auto refused = registry.nodes();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().full_message().find("topsecret") == std::string::npos);
  CHECK(refused.error().message.find("401 to GET /nodes,") != std::string::npos);
}

}  // namespace orama::tests
