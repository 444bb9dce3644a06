#include "installers/local_rqlite.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/http_client.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/rqlite_engine.h"

namespace orama::installers {
namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<json>>;

constexpr int kOk = 200;

Error unreadable(const char* what) {
  return make_error(Errc::failed, std::string("rqlited's answer is not readable: ") + what,
                    "journalctl -u orama-rqlite -u 'orama-rqlite@*'");
}

// The one element of `results`, or the error that stands there or beside it.
Result<json> only_result(std::string_view text) {
  auto body = parse_json(text);
  if (!body.ok() || !body->is_object()) {
    return unreadable("no JSON object");
  }
  const auto refused = [](const json& error) {
    return make_error(Errc::failed, "rqlited refuses: " +
                                        (error.is_string() ? error.get<std::string>().substr(0, 300)
                                                           : std::string("without words")));
  };
  if (body->contains("error")) {
    return refused(body->at("error"));
  }
  if (!body->contains("results") || !body->at("results").is_array() ||
      body->at("results").size() != 1 || !body->at("results").front().is_object()) {
    return unreadable("not one result");
  }
  json result = body->at("results").front();
  if (result.contains("error")) {
    return refused(result.at("error"));
  }
  return result;
}

std::string statement(const std::string& sql, const LocalRqlite::Parameters& parameters) {
  json words = json::array({sql});
  for (const auto& parameter : parameters) {
    std::visit([&words](const auto& value) { words.push_back(value); }, parameter);
  }
  return json::array({words}).dump();
}

bool is_true(const json& node, const char* key) {
  return node.contains(key) && node.at(key).is_boolean() && node.at(key).get<bool>();
}

}  // namespace

Result<Rows> parse_rqlite_rows(std::string_view text) {
  TRY(result, only_result(text));
  Rows rows;
  if (!result.contains("values")) {
    return rows;  // no rows
  }
  if (!result.at("values").is_array()) {
    return unreadable("`values` is no list");
  }
  for (const json& row : result.at("values")) {
    if (!row.is_array()) {
      return unreadable("a row is no list");
    }
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

Result<std::int64_t> parse_rqlite_write(std::string_view text) {
  TRY(result, only_result(text));
  const json changed = result.value("rows_affected", json(0));
  if (!changed.is_number_integer()) {
    return unreadable("`rows_affected` is no number");
  }
  return changed.get<std::int64_t>();
}

Result<RqliteNodes> parse_rqlite_nodes(std::string_view text) {
  const auto body = parse_json(text);
  if (!body.ok() || !body->is_object()) {
    return unreadable("the member list is no JSON object");
  }
  RqliteNodes nodes;
  for (const auto& [id, node] : body->items()) {
    if (!node.is_object()) {
      return unreadable("a member is no object");
    }
    nodes[id] = {is_true(node, "voter"), is_true(node, "leader"), is_true(node, "reachable")};
  }
  return nodes;
}

Result<std::string> LocalRqlite::send(const std::string& method, const std::string& mesh_ip,
                                      const std::string& path, const std::string& body) {
  TRY(password, agent_password(host_.files, engine_));
  HttpRequest request;
  request.method = method;
  request.url = "http://" + mesh_ip + ":" + std::to_string(engine_.http_port) + path;
  request.user = "agent";
  request.password = password.reveal();
  request.body = body;
  if (!body.empty()) {
    request.headers = {"Content-Type: application/json"};
  }
  request.timeout = std::chrono::seconds(5);
  TRY(response, host_.http.send(request));
  if (response.status != kOk) {
    return make_error(Errc::failed,
                      std::string(engine_.name) + " on " + mesh_ip + " answered " +
                          std::to_string(response.status) + " to " + method + " " +
                          path.substr(0, path.find('?')) + ", expected 200",
                      std::string("journalctl -u ") + engine_.unit);
  }
  return std::move(response.body);
}

Result<Rows> LocalRqlite::query(const std::string& sql, const Parameters& parameters) {
  TRY(text, send("POST", mesh_ip_, "/db/query?level=linearizable", statement(sql, parameters)));
  return parse_rqlite_rows(text);
}

Result<std::int64_t> LocalRqlite::execute_at(const std::string& mesh_ip, const std::string& sql,
                                             const Parameters& parameters) {
  TRY(text, send("POST", mesh_ip, "/db/execute?norwtime&norwrandom", statement(sql, parameters)));
  return parse_rqlite_write(text);
}

Result<std::int64_t> LocalRqlite::execute(const std::string& sql, const Parameters& parameters) {
  return execute_at(mesh_ip_, sql, parameters);
}

Result<RqliteNodes> LocalRqlite::nodes() {
  TRY(text, send("GET", mesh_ip_, "/nodes?nonvoters&timeout=1s", ""));
  return parse_rqlite_nodes(text);
}

Result<void> LocalRqlite::remove(const std::string& id, const std::string& at_mesh_ip) {
  TRY_VOID(send("DELETE", at_mesh_ip, "/remove", json{{"id", id}}.dump()));
  const auto written = execute_at(at_mesh_ip, "SELECT 1", {});
  if (!written.ok()) {
    return make_error(Errc::failed, "the write after the removal: " + written.error().message,
                      written.error().hint);
  }
  return {};
}

}  // namespace orama::installers
