// Reads typed fields out of foreign JSON (http-api.md 1): every wrong one is an invalid_argument
// that names the field by its path ("node.mesh_ip: expected …"). Unknown fields are ignored. A
// view: the JSON must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::api {

class Fields {
 public:
  // A value that is no object is reported by the first read.
  explicit Fields(const nlohmann::json& value, std::string path = {})
      : value_(&value), path_(std::move(path)) {}

  // Missing, null and "" are errors of the required ones; limits are in bytes, inclusive.
  Result<std::string> text(std::string_view key, std::size_t limit) const;
  Result<std::string> text_or_empty(std::string_view key, std::size_t limit) const;
  Result<std::optional<std::string>> optional_text(std::string_view key, std::size_t limit) const;
  Result<std::int64_t> integer(std::string_view key, std::int64_t least = INT64_MIN) const;
  Result<double> number(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;
  Result<std::vector<std::string>> texts(std::string_view key, std::size_t items,
                                         std::size_t limit) const;
  // An object of texts; its names are held to the same limit, and neither may be "".
  Result<std::map<std::string, std::string>> named_texts(std::string_view key, std::size_t items,
                                                         std::size_t limit) const;
  Result<Fields> object(std::string_view key) const;
  Result<std::vector<Fields>> objects(std::string_view key, std::size_t items) const;
  bool has(std::string_view key) const;  // there and not null

  Error wrong(std::string_view key, std::string_view expected) const;

 private:
  Result<const nlohmann::json*> required(std::string_view key) const;
  std::string path_of(std::string_view key) const;

  const nlohmann::json* value_;
  std::string path_;
};

// "FIELD: reason" as the two parts that an answer of the API names; field "" when there is none.
struct FieldReason {
  std::string field;
  std::string reason;
};
Error field_error(std::string_view field, std::string_view reason);
FieldReason split_field_error(const Error& error);

}  // namespace orama::api
