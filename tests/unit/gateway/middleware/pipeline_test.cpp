// The stages of http-api.md 3 as a client meets them.

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "gateway/auth/authenticator.h"
#include "gateway/http/api_error.h"
#include "gateway/http/awaitable.h"
#include "tests/unit/gateway/http/raw_client.h"
#include "tests/unit/gateway/http/test_gateway.h"

namespace orama::gateway::middleware {

namespace {

using http::testing::Answer;
using http::testing::GatewaySetup;
using http::testing::RawClient;
using http::testing::TestGateway;

std::string code_of(const Answer& answer) {
  return answer.body.empty() ? "" : nlohmann::json::parse(answer.body).value("code", "");
}

std::string header_of(const Answer& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? "" : found->second;
}

// Knows one key and one token.
class TwoCredentials final : public auth::Authenticator {
 public:
  Awaitable<std::variant<auth::Principal, http::ApiCode>> verify(
      auth::Credential credential) override {
    const bool is_jwt = credential.kind == auth::Credential::Kind::jwt;
    std::variant<auth::Principal, http::ApiCode> verdict =
        is_jwt ? http::ApiCode::token_invalid : http::ApiCode::api_key_invalid;
    if (credential.text == (is_jwt ? "a.b.c" : "good-key")) {
      verdict = auth::Principal{is_jwt ? "wallet-1" : "key-1", "shop"};
    }
    co_return verdict;
  }
};

class BrokenAuthenticator final : public auth::Authenticator {
 public:
  Awaitable<std::variant<auth::Principal, http::ApiCode>> verify(
      auth::Credential credential) override {
    if (!credential.text.empty()) {
      throw std::runtime_error("the key store is broken");
    }
    co_return http::ApiCode::api_key_invalid;
  }
};

}  // namespace

TEST_CASE("every answer carries the security headers") {
  TestGateway gateway;
  for (const std::string path : {"/ok", "/nothing", "/v1/nothing", "/throws"}) {
    CAPTURE(path);
    const Answer answer = gateway.get(path);
    CHECK(header_of(answer, "x-content-type-options") == "nosniff");
    CHECK(header_of(answer, "x-frame-options") == "DENY");
    CHECK(header_of(answer, "x-xss-protection") == "0");
    CHECK(header_of(answer, "referrer-policy") == "strict-origin-when-cross-origin");
    CHECK(header_of(answer, "permissions-policy") == "camera=(), microphone=(), geolocation=()");
    CHECK(header_of(answer, "cache-control") == "no-store");
    CHECK(header_of(answer, "strict-transport-security").empty());
    CHECK(header_of(answer, "access-control-allow-origin") == "*");
  }
}

TEST_CASE("HSTS only when a trusted proxy says https") {
  TestGateway gateway;
  CHECK(header_of(gateway.get("/ok", "X-Forwarded-Proto: https\r\n"),
                  "strict-transport-security") == "max-age=31536000; includeSubDomains");
  CHECK(header_of(gateway.get("/ok", "X-Forwarded-Proto: http\r\n"), "strict-transport-security")
            .empty());
  GatewaySetup setup;
  setup.trusted_proxies = {};
  TestGateway wary(setup);
  CHECK(header_of(wary.get("/ok", "X-Forwarded-Proto: https\r\n"), "strict-transport-security")
            .empty());
}

TEST_CASE("a request id that fits is kept, any other replaced") {
  TestGateway gateway;
  const Answer kept = gateway.get("/ok", "X-Request-ID: aZ0._:-9\r\n");
  CHECK(header_of(kept, "x-request-id") == "aZ0._:-9");
  CHECK(nlohmann::json::parse(kept.body)["request_id"] == "aZ0._:-9");
  CHECK(header_of(gateway.get("/ok", "X-Request-ID: " + std::string(128, 'a') + "\r\n"),
                  "x-request-id") == std::string(128, 'a'));
  for (const std::string& bad : {std::string(129, 'a'), std::string("a b"), std::string("a/b"),
                                 std::string("\xC3\xA9"), std::string()}) {
    CAPTURE(bad);
    const std::string id =
        header_of(gateway.get("/ok", "X-Request-ID: " + bad + "\r\n"), "x-request-id");
    CHECK(id.size() == 36);
    CHECK(id[14] == '7');  // the version digit of a UUIDv7
  }
}

TEST_CASE("the trace is continued with a new span") {
  TestGateway gateway;
  const std::string given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string out =
      header_of(gateway.get("/ok", "traceparent: " + given + "\r\n"), "traceparent");
  CHECK(out.substr(0, 36) == given.substr(0, 36));
  CHECK(out.substr(36, 16) != given.substr(36, 16));
  CHECK(out.substr(52) == "-01");
  CHECK(header_of(gateway.get("/ok"), "traceparent").size() == 55);
}

TEST_CASE("OPTIONS is answered on every path, without a credential") {
  TestGateway gateway;
  for (const std::string target : {"/ok", "/v1/items/1", "/nothing", "*"}) {
    CAPTURE(target);
    const Answer answer =
        gateway.ask("OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\nOrigin: https://x\r\n\r\n");
    CHECK(answer.status == 204);
    CHECK(answer.headers.count("content-length") == 0);
    CHECK(header_of(answer, "access-control-allow-methods") == "GET, PUT, POST, DELETE, OPTIONS");
    CHECK(header_of(answer, "access-control-max-age") == "600");
    CHECK(header_of(answer, "access-control-allow-headers").find("X-API-Key") != std::string::npos);
    CHECK(answer.headers.count("access-control-allow-credentials") == 0);
  }
}

TEST_CASE("listed origins are named, others are not") {
  GatewaySetup setup;
  setup.cors_origins = {"https://app.example.com"};
  TestGateway gateway(setup);
  const Answer listed = gateway.get("/ok", "Origin: https://app.example.com\r\n");
  CHECK(header_of(listed, "access-control-allow-origin") == "https://app.example.com");
  CHECK(header_of(listed, "vary") == "Origin");
  const Answer other = gateway.get("/ok", "Origin: https://evil.example.com\r\n");
  CHECK(other.status == 200);
  CHECK(other.headers.count("access-control-allow-origin") == 0);
  CHECK(header_of(other, "vary") == "Origin");
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  CHECK(code_of(gateway.get("/ok", upgrade + "Origin: https://evil.example.com\r\n")) ==
        "ORIGIN_FORBIDDEN");
  CHECK(gateway.get("/ok", upgrade + "Origin: https://app.example.com\r\n").status == 200);
}

TEST_CASE("paths and methods that are not there") {
  TestGateway gateway;
  CHECK(code_of(gateway.get("/nothing")) == "ROUTE_NOT_FOUND");
  CHECK(code_of(gateway.get("/nothing", "Host-Name: x\r\nX-API-Key: bad\r\n")) ==
        "ROUTE_NOT_FOUND");
  CHECK(code_of(gateway.get("/v1")) == "ROUTE_NOT_FOUND");
  CHECK(code_of(gateway.get("/v1/nothing")) == "UNAUTHENTICATED");
  CHECK(code_of(gateway.get("/admin/status")) == "ROUTE_NOT_FOUND");  // only on the unix socket
  const Answer wrong = gateway.ask("DELETE /ok HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(wrong.status == 405);
  CHECK(code_of(wrong) == "METHOD_NOT_ALLOWED");
  CHECK(header_of(wrong, "allow") == "GET, HEAD");
  CHECK(code_of(gateway.ask("BREW /ok HTTP/1.1\r\nHost: a\r\n\r\n")) == "METHOD_NOT_ALLOWED");
  CHECK(code_of(gateway.ask("DELETE /v1/items/1 HTTP/1.1\r\nHost: a\r\n\r\n")) ==
        "UNAUTHENTICATED");
}

TEST_CASE("without issued credentials every one is refused with the code of the first") {
  TestGateway gateway;
  struct Row {
    std::string headers, code;
  };
  const std::vector<Row> rows{
      {"", "UNAUTHENTICATED"},
      {"X-API-Key: k\r\n", "API_KEY_INVALID"},
      {"Authorization: Bearer a.b.c\r\n", "TOKEN_INVALID"},
      {"Authorization: bearer a.b\r\n", "API_KEY_INVALID"},
      {"Authorization: ApiKey a.b.c\r\n", "API_KEY_INVALID"},
      {"Authorization: a.b.c\r\n", "API_KEY_INVALID"},
      {"X-API-Key: k\r\nAuthorization: Bearer a.b.c\r\n", "TOKEN_INVALID"},
      {"Authorization: Bearer plain\r\nX-API-Key: k\r\n", "API_KEY_INVALID"},
      {"Authorization: Basic YTpi\r\n", "UNAUTHENTICATED"},
      {"Authorization: Bearer \r\n", "UNAUTHENTICATED"},
      {"X-API-Key:\r\n", "UNAUTHENTICATED"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.headers);
    const Answer answer = gateway.get("/v1/items/1", row.headers);
    CHECK(answer.status == 401);
    CHECK(code_of(answer) == row.code);
    CHECK(header_of(answer, "www-authenticate") ==
          (row.code == "UNAUTHENTICATED" ? R"(Bearer realm="gateway", charset="UTF-8")"
                                         : R"(Bearer realm="gateway", error="invalid_token")"));
    CHECK(gateway.get("/ok", row.headers).status == 200);  // public: the caller stays unknown
  }
  CHECK(code_of(gateway.get("/v1/items/1?api_key=k&token=a.b.c")) == "UNAUTHENTICATED");
}

TEST_CASE("the first credential that verifies decides") {
  TwoCredentials authenticator;
  GatewaySetup setup;
  setup.authenticator = &authenticator;
  setup.threads = 1;
  TestGateway gateway(setup);
  CHECK(gateway.get("/v1/items/1", "X-API-Key: good-key\r\n").status == 200);
  CHECK(gateway.get("/v1/items/1", "X-API-Key: bad\r\nAuthorization: Bearer a.b.c\r\n").status ==
        200);
  CHECK(
      gateway.get("/v1/items/1", "X-API-Key: good-key\r\nAuthorization: Bearer x.y.z\r\n").status ==
      200);
  CHECK(code_of(gateway.get("/v1/nothing", "X-API-Key: good-key\r\n")) == "ROUTE_NOT_FOUND");
  CHECK(code_of(
            gateway.ask("DELETE /v1/items/1 HTTP/1.1\r\nHost: a\r\nX-API-Key: good-key\r\n\r\n")) ==
        "METHOD_NOT_ALLOWED");
  const nlohmann::json line = nlohmann::json::parse(gateway.access_lines(1).front());
  CHECK(line["principal"] == "key-1");
  CHECK(line["namespace"] == "shop");
}

TEST_CASE("the client's address is the last entry of the last X-Forwarded-For of a trusted proxy") {
  TestGateway gateway;
  struct Row {
    std::string headers, client;
  };
  const std::vector<Row> rows{
      {"", "127.0.0.1"},
      {"X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"},
      {"X-Forwarded-For: 10.0.0.5, 203.0.113.9\r\n", "203.0.113.9"},
      {"X-Forwarded-For: 10.0.0.5\r\nX-Forwarded-For: 198.51.100.1,2001:db8::1\r\n", "2001:db8::1"},
      {"X-Real-IP: 10.0.0.5\r\nForwarded: for=10.0.0.5\r\n", "127.0.0.1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.headers);
    CHECK(header_of(gateway.get("/ok", row.headers), "x-client") == row.client);
  }
  for (const std::string bad :
       {"", "unknown", "203.0.113.9:1234", "[2001:db8::1]", "203.0.113.9,", "1.2.3.4, evil"}) {
    CAPTURE(bad);
    const Answer answer = gateway.get("/ok", "X-Forwarded-For: " + bad + "\r\n");
    CHECK(code_of(answer) == "BAD_REQUEST");
  }
  GatewaySetup setup;
  setup.trusted_proxies = {"127.0.0.2"};
  TestGateway wary(setup);
  CHECK(header_of(wary.get("/ok", "X-Forwarded-For: 10.0.0.5\r\n"), "x-client") == "127.0.0.1");
}

TEST_CASE("local routes are for loopback and the mesh") {
  TestGateway gateway;
  CHECK(gateway.get("/local").status == 200);
  CHECK(gateway.get("/local", "X-Forwarded-For: 10.0.0.7\r\n").status == 200);
  CHECK(gateway.get("/local", "X-Forwarded-For: ::1\r\n").status == 200);
  CHECK(code_of(gateway.get("/local", "X-Forwarded-For: 10.0.1.7\r\n")) == "FORBIDDEN");
  CHECK(code_of(gateway.get("/metrics", "X-Forwarded-For: 203.0.113.9\r\n")) == "FORBIDDEN");
}

TEST_CASE("a handler that throws is 500, and the log has it under the request id") {
  TestGateway gateway;
  const Answer answer = gateway.get("/throws", "X-Request-ID: find-me\r\n");
  CHECK(answer.status == 500);
  CHECK(code_of(answer) == "INTERNAL");
  CHECK(answer.body.find("a defect in a handler") == std::string::npos);
  const std::string log = gateway.error_log();
  CHECK(log.find("a defect in a handler") != std::string::npos);
  CHECK(log.find("find-me") != std::string::npos);
  CHECK(gateway.get("/ok").status == 200);
}

TEST_CASE("time limits: 503 where nothing was applied, 504 where that is unknown") {
  GatewaySetup setup;
  setup.timeouts.tick = std::chrono::milliseconds(10);
  TestGateway gateway(setup);
  RawClient client = gateway.connect();
  CHECK(code_of(client.ask("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")) == "OVERLOADED");
  const Answer backend = client.ask("GET /hang/backend HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(backend.status == 504);
  CHECK(code_of(backend) == "BACKEND_TIMEOUT");
  CHECK(nlohmann::json::parse(backend.body)["details"]["backend"] == "registry");
  CHECK(client.ask("POST /hang HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").status == 504);
  CHECK(client.ask("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);  // the connection goes on
}

TEST_CASE("a document with 503 says when to come back, too") {
  TestGateway gateway;
  const Answer answer = gateway.get("/unhealthy");
  CHECK(answer.status == 503);
  CHECK(header_of(answer, "retry-after") == "1");
  CHECK(gateway.get("/ok").headers.count("retry-after") == 0);
}

TEST_CASE("a stage that throws is 500 like a handler that throws") {
  BrokenAuthenticator authenticator;
  GatewaySetup setup;
  setup.authenticator = &authenticator;
  TestGateway gateway(setup);
  RawClient client = gateway.connect();
  CHECK(code_of(client.ask("GET /ok HTTP/1.1\r\nHost: a\r\nX-API-Key: k\r\n\r\n")) == "INTERNAL");
  CHECK(client.ask("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
  CHECK(gateway.error_log().find("the key store is broken") != std::string::npos);
}

TEST_CASE("compressed bodies are not taken") {
  TestGateway gateway;
  const std::string start = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";
  const Answer answer = gateway.ask(start + "Content-Encoding: gzip\r\n\r\nab");
  CHECK(answer.status == 415);
  CHECK(nlohmann::json::parse(answer.body)["details"]["expected"] == "identity");
  CHECK(gateway.ask(start + "Content-Encoding: Identity\r\n\r\nab").body == "ab");
}

TEST_CASE("the admin socket serves admin routes to root and the group, and nothing else") {
  TestGateway gateway;
  RawClient client = gateway.connect_admin();
  const Answer status = client.ask("GET /admin/status HTTP/1.1\r\nHost: a\r\n\r\n");
  const bool is_root = ::geteuid() == 0;
  CHECK(status.status == (is_root ? 200 : 403));
  CHECK(status.headers.count("access-control-allow-origin") == 0);
  if (is_root) {
    CHECK(code_of(client.ask("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n")) == "ROUTE_NOT_FOUND");
    CHECK(code_of(client.ask("GET /v1/x HTTP/1.1\r\nHost: a\r\n\r\n")) == "ROUTE_NOT_FOUND");
    CHECK(client.ask("POST /admin/write HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").body ==
          "hi");
    CHECK(client.ask("OPTIONS /admin/status HTTP/1.1\r\nHost: a\r\n\r\n").status == 405);
  }
}

TEST_CASE("the access log has one line per request and nothing that is secret") {
  GatewaySetup setup;
  setup.threads = 1;  // one thread, one buffer: lines in the order of the requests
  TestGateway gateway(setup);
  gateway.ask(
      "POST /echo?token=query-secret HTTP/1.1\r\nHost: a\r\nX-Request-ID: r-1\r\nX-API-Key: "
      "key-secret\r\n"
      "Content-Length: 11\r\n\r\nbody-secret");
  gateway.get("/a%22b%5C?x");
  gateway.ask("GET / HTTP/1.1\r\n\r\n");
  const std::vector<std::string> lines = gateway.access_lines(3);
  REQUIRE(lines.size() == 3);
  const nlohmann::json line = nlohmann::json::parse(lines[0]);
  CHECK(line["request_id"] == "r-1");
  CHECK(line["trace_id"].get<std::string>().size() == 32);
  CHECK(line["operation"] == "echo");
  CHECK(line["method"] == "POST");
  CHECK(line["path"] == "/echo");
  CHECK(line["status"] == 200);
  CHECK(line["bytes_in"] == 11);
  CHECK(line["bytes_out"] == 11);
  CHECK(line["client_ip"] == "127.0.0.1");
  CHECK(line["duration_us"].is_number_unsigned());
  CHECK(line["time"].get<std::string>().size() == 24);
  CHECK(lines[0].find("secret") == std::string::npos);
  CHECK(nlohmann::json::parse(lines[1])["path"] == "/a%22b%5C");
  CHECK(nlohmann::json::parse(lines[1])["operation"] == "unmatched");
  CHECK(nlohmann::json::parse(lines[2])["status"] == 400);
}

TEST_CASE("requests are counted by operation, method and status") {
  TestGateway gateway;
  gateway.get("/ok");
  gateway.get("/ok");
  gateway.get("/secret-path");
  gateway.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  REQUIRE(gateway.access_lines(4).size() == 4);  // a line comes after its counts
  const std::string text = gateway.metrics_text();
  for (const std::string line :
       {R"(orama_http_requests_total{operation="ok",method="GET",status="200"} 2)",
        R"(orama_http_requests_total{operation="unmatched",method="GET",status="404"} 1)",
        R"(orama_http_request_body_bytes_total{operation="echo"} 3)",
        R"(orama_http_response_body_bytes_total{operation="echo"} 3)",
        R"(orama_http_request_duration_seconds_count{operation="ok"} 2)",
        R"(orama_http_requests_in_flight 0)"}) {
    CAPTURE(line);
    CHECK(text.find(line + "\n") != std::string::npos);
  }
  CHECK(text.find("secret-path") == std::string::npos);
}

}  // namespace orama::gateway::middleware
