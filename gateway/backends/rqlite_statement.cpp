#include "gateway/backends/rqlite_statement.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"
#include "gateway/backends/registry.h"

namespace orama::gateway::backends {
namespace {

using nlohmann::json;

// The text with its n-th bare `?` written as CAST(? AS TEXT); quoted parts and comments are passed
// over.
class ParameterText {
 public:
  explicit ParameterText(std::string_view sql) : sql_(sql) {}

  Result<std::string> with_casts(const std::vector<bool>& cast) {
    std::string out;
    std::size_t parameter = 0;
    while (position_ < sql_.size()) {
      const char c = sql_[position_];
      if (c == '\'' || c == '"' || c == '`') {
        out += take_quoted(c);
      } else if (sql_.substr(position_).starts_with("--")) {
        out += take_until("\n");
      } else if (sql_.substr(position_).starts_with("/*")) {
        out += take_until("*/");
      } else if (c == '?') {
        if (parameter >= cast.size()) {
          return wrong_number();
        }
        out += cast[parameter] ? "CAST(? AS TEXT)" : "?";
        ++parameter;
        ++position_;
      } else {
        out += c;
        ++position_;
      }
    }
    if (parameter != cast.size()) {
      return wrong_number();
    }
    return out;
  }

 private:
  static Error wrong_number() {
    return make_error(Errc::invalid_argument,
                      "the statement has another number of parameters than values");
  }
  std::string_view take_until(std::string_view end) {
    const std::size_t found = sql_.find(end, position_ + 1);
    const std::size_t stop = found == std::string_view::npos ? sql_.size() : found + end.size();
    return take(stop);
  }
  std::string_view take_quoted(char quote) {
    const std::size_t found = sql_.find(quote, position_ + 1);
    return take(found == std::string_view::npos ? sql_.size() : found + 1);
  }
  std::string_view take(std::size_t stop) {
    const std::string_view part = sql_.substr(position_, stop - position_);
    position_ = stop;
    return part;
  }

  std::string_view sql_;
  std::size_t position_ = 0;
};

json bytes_of(std::string_view text) {
  json bytes = json::array();
  for (const char c : text) {
    bytes.push_back(static_cast<unsigned char>(c));
  }
  return bytes;
}

Result<json> encode_statement(const Statement& statement) {
  json values = json::array();
  std::vector<bool> cast;
  for (const Value& value : statement.values) {
    const auto* text = std::get_if<std::string>(&value);
    cast.push_back(text != nullptr && reads_like_blob(*text));
    if (cast.back()) {
      values.push_back(bytes_of(*text));
    } else if (text != nullptr) {
      values.push_back(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      values.push_back(*number);
    } else {
      values.push_back(nullptr);
    }
  }
  TRY(sql, ParameterText(statement.sql).with_casts(cast));
  json element = json::array({std::move(sql)});
  for (json& value : values) {
    element.push_back(std::move(value));
  }
  return element;
}

}  // namespace

bool reads_like_blob(std::string_view text) {
  const auto blank = [](unsigned char c) { return std::isspace(c) != 0 || c >= 0x80; };
  // Go trims Unicode blanks too; a byte over 0x7f at either end is treated as one, which costs
  // nothing.
  while (!text.empty() && blank(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && blank(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  if (text.size() < 3 || (text[0] != 'x' && text[0] != 'X') || text[1] != '\'' ||
      text.back() != '\'') {
    return false;
  }
  const std::string_view digits = text.substr(2, text.size() - 3);
  return digits.size() % 2 == 0 && std::all_of(digits.begin(), digits.end(), [](unsigned char c) {
           return std::isxdigit(c) != 0;
         });
}

Result<std::string> encode_statements(const std::vector<Statement>& statements) {
  json body = json::array();
  for (const Statement& statement : statements) {
    TRY(element, encode_statement(statement));
    body.push_back(std::move(element));
  }
  try {
    return body.dump();
  } catch (const json::exception&) {  // type_error.316: invalid UTF-8
    return make_error(Errc::invalid_argument, "a text for the registry is not UTF-8");
  }
}

}  // namespace orama::gateway::backends
