#include "gateway/backends/rqlite_answer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {
namespace {

using nlohmann::json;

enum class Call { read, write };

constexpr std::size_t kShownBytes = 200;  // of an answer, in an error

std::string shown(std::string_view text) {
  std::string line(text.substr(0, kShownBytes));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < ' ' || c >= 0x7f; }, ' ');
  return line;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// rqlite's errors are text only; the texts are those of 8.43.4 (engines-rqlite.md 5 and 6).
Error engine_error(std::string_view text, Call call) {
  const std::string message = "rqlite: " + shown(text);
  if (contains(text, "constraint failed")) {
    return make_error(Errc::conflict, message);
  }
  if (contains(text, "leader not found") || contains(text, "stale read") ||
      contains(text, "not leader")) {
    return make_error(Errc::quorum_refused, message);
  }
  // The forwarding node could not even reach the leader: nothing was applied.
  if (contains(text, "pool get: dial")) {
    return make_error(Errc::quorum_refused, message);
  }
  constexpr std::array<std::string_view, 4> kUnknownOutcome = {"leadership lost", "broken pipe",
                                                               "connection reset", "EOF"};
  const bool unknown = std::any_of(kUnknownOutcome.begin(), kUnknownOutcome.end(),
                                   [text](std::string_view part) { return contains(text, part); });
  if (unknown) {
    return make_error(call == Call::write ? Errc::timeout : Errc::quorum_refused, message);
  }
  return make_error(Errc::failed, message);
}

Error status_error(int status, std::string_view body, Call call) {
  if (status == 401) {
    return make_error(Errc::not_allowed, "rqlite refused the gateway's user or password (401)",
                      "compare /etc/orama/secrets/rqlite-auth.json with registry-password");
  }
  Error error = engine_error(body, call);
  if (status == 503 && error.code == Errc::failed) {
    error.code = Errc::quorum_refused;
  }
  error.message = "rqlite answered " + std::to_string(status) + ": " + shown(body);
  return error;
}

Error unexpected(std::string_view what, std::string_view body) {
  return make_error(Errc::failed,
                    "rqlite's answer: expected " + std::string(what) + ", found " + shown(body));
}

// The element of `results` for each statement, or the first error that the answer holds.
Result<json> decode_results(int status, std::string_view body, Call call) {
  if (status != 200) {
    return status_error(status, body, call);
  }
  json document = json::parse(body, nullptr, false);
  if (!document.is_object()) {
    return unexpected("a JSON object", body);
  }
  if (const auto error = document.find("error"); error != document.end() && error->is_string()) {
    return engine_error(error->get_ref<const std::string&>(), call);
  }
  const auto results = document.find("results");
  if (results == document.end() || !results->is_array()) {
    return unexpected("`results`", body);
  }
  for (const json& result : *results) {
    if (!result.is_object()) {
      return unexpected("an object in `results`", body);
    }
    if (const auto error = result.find("error"); error != result.end() && error->is_string()) {
      return engine_error(error->get_ref<const std::string&>(), call);
    }
  }
  return json(std::move(*results));
}

Result<Value> decode_value(const json& value) {
  if (value.is_null()) {
    return Value(nullptr);
  }
  if (value.is_string()) {
    return Value(value.get<std::string>());
  }
  const bool exact = value.is_number_integer() &&
                     (!value.is_number_unsigned() ||
                      value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  if (exact) {
    return Value(value.get<std::int64_t>());
  }
  return unexpected("INTEGER, TEXT or NULL",
                    value.dump(-1, ' ', false, json::error_handler_t::replace));
}

Result<Rows> decode_rows(const json& result) {
  Rows rows;
  const auto columns = result.find("columns");
  if (columns == result.end() || !columns->is_array()) {
    return make_error(Errc::failed, "rqlite's answer: expected `columns`");
  }
  for (const json& column : *columns) {
    if (!column.is_string()) {
      return make_error(Errc::failed, "rqlite's answer: a column without a name");
    }
    rows.columns.push_back(column.get<std::string>());
  }
  const auto values = result.find("values");
  if (values == result.end()) {
    return rows;  // no rows: the key is absent
  }
  for (const json& row : *values) {
    if (!row.is_array() || row.size() != rows.columns.size()) {
      return make_error(Errc::failed, "rqlite's answer: a row of another width than `columns`");
    }
    std::vector<Value> decoded;
    decoded.reserve(row.size());
    for (const json& value : row) {
      TRY(cell, decode_value(value));
      decoded.push_back(std::move(cell));
    }
    rows.rows.push_back(std::move(decoded));
  }
  return rows;
}

// rqlite's count is stale after a statement of another kind (engines-rqlite.md 6).
bool counts_rows(std::string_view sql) {
  std::string word;
  for (const char c : sql.substr(std::min(sql.size(), sql.find_first_not_of(" \t\r\n")))) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) {
      break;
    }
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  constexpr std::array<std::string_view, 5> kCounting = {"INSERT", "UPDATE", "DELETE", "REPLACE",
                                                         "WITH"};
  return std::find(kCounting.begin(), kCounting.end(), word) != kCounting.end();
}

std::int64_t integer_at(const json& document, const char* pointer) {
  const json::json_pointer path(pointer);
  if (!document.contains(path)) {
    return 0;
  }
  const json& value = document.at(path);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool flag(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

Result<Rows> decode_query(int status, std::string_view body) {
  TRY(results, decode_results(status, body, Call::read));
  if (results.size() != 1) {
    return unexpected("one result", body);
  }
  return decode_rows(results[0]);
}

Result<std::vector<std::int64_t>> decode_execute(int status, std::string_view body,
                                                 const std::vector<Statement>& statements) {
  TRY(results, decode_results(status, body, Call::write));
  if (results.size() != statements.size()) {
    return unexpected("one result a statement", body);
  }
  std::vector<std::int64_t> affected;
  affected.reserve(statements.size());
  for (std::size_t i = 0; i < statements.size(); ++i) {
    affected.push_back(counts_rows(statements[i].sql) ? integer_at(results[i], "/rows_affected")
                                                      : 0);
  }
  return affected;
}

Result<RegistryState> decode_state(std::string_view nodes, std::string_view status) {
  const json list = json::parse(nodes, nullptr, false);
  const json facts = json::parse(status, nullptr, false);
  const auto found = list.is_object() ? list.find("nodes") : list.end();
  if (!list.is_object() || found == list.end() || !found->is_array() || !facts.is_object()) {
    return unexpected("`nodes` and a status object", nodes);
  }
  RegistryState state;
  for (const json& node : *found) {
    if (!node.is_object()) {
      return unexpected("an object in `nodes`", nodes);
    }
    const RegistryState::Member member{flag(node, "voter"), flag(node, "reachable")};
    if (member.voter) {
      ++state.voters;
      state.voters_up += member.reachable ? 1 : 0;
    }
    const auto id = node.find("id");
    if (id == node.end() || !id->is_string()) {
      continue;
    }
    state.members[id->get<std::string>()] = member;
    if (flag(node, "leader")) {
      state.leader_id = id->get<std::string>();
    }
  }
  state.applied_index = integer_at(facts, "/store/raft/applied_index");
  state.database_bytes =
      integer_at(facts, "/store/sqlite3/db_size") + integer_at(facts, "/store/sqlite3/wal_size");
  return state;
}

}  // namespace orama::gateway::backends
