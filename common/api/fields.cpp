#include "common/api/fields.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"

namespace orama::api {

using nlohmann::json;

Error field_error(std::string_view field, std::string_view reason) {
  return make_error(Errc::invalid_argument, std::string(field) + ": " + std::string(reason));
}

FieldReason split_field_error(const Error& error) {
  const auto colon = error.message.find(": ");
  FieldReason parts;
  if (colon == std::string::npos) {
    parts.reason = error.message;
  } else {
    parts.field = error.message.substr(0, colon);
    parts.reason = error.message.substr(colon + 2);
  }
  return parts;
}

std::string Fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Error Fields::wrong(std::string_view key, std::string_view expected) const {
  return field_error(path_of(key), "expected " + std::string(expected));
}

bool Fields::has(std::string_view key) const {
  const auto found = value_->is_object() ? value_->find(key) : value_->end();
  return value_->is_object() && found != value_->end() && !found->is_null();
}

Result<const json*> Fields::required(std::string_view key) const {
  if (!value_->is_object()) {
    return field_error(path_.empty() ? "body" : path_, "expected an object");
  }
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) {
    return field_error(path_of(key), "is required");
  }
  return &*found;
}

Result<std::string> Fields::text(std::string_view key, std::size_t limit) const {
  TRY(text, text_or_empty(key, limit));
  if (text.empty()) {
    return field_error(path_of(key), "is required");
  }
  return text;
}

Result<std::string> Fields::text_or_empty(std::string_view key, std::size_t limit) const {
  TRY(value, required(key));
  if (!value->is_string() || value->get_ref<const std::string&>().size() > limit) {
    return wrong(key, "a text of at most " + std::to_string(limit) + " bytes");
  }
  return value->get<std::string>();
}

Result<std::optional<std::string>> Fields::optional_text(std::string_view key,
                                                         std::size_t limit) const {
  if (value_->is_object() && !has(key)) {
    return std::optional<std::string>();
  }
  TRY(text, text_or_empty(key, limit));
  return std::optional<std::string>(std::move(text));
}

Result<std::int64_t> Fields::integer(std::string_view key, std::int64_t least) const {
  TRY(value, required(key));
  const bool fits = value->is_number_integer() &&
                    (!value->is_number_unsigned() ||
                     value->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  if (!fits || value->get<std::int64_t>() < least) {
    return wrong(
        key, least == INT64_MIN ? "an integer" : "an integer of at least " + std::to_string(least));
  }
  return value->get<std::int64_t>();
}

Result<double> Fields::number(std::string_view key) const {
  TRY(value, required(key));
  if (!value->is_number()) {
    return wrong(key, "a number");
  }
  return value->get<double>();
}

Result<bool> Fields::boolean(std::string_view key) const {
  TRY(value, required(key));
  if (!value->is_boolean()) {
    return wrong(key, "true or false");
  }
  return value->get<bool>();
}

Result<std::vector<std::string>> Fields::texts(std::string_view key, std::size_t items,
                                               std::size_t limit) const {
  TRY(value, required(key));
  const auto expected = [&] {
    return wrong(key, "a list of at most " + std::to_string(items) + " texts of at most " +
                          std::to_string(limit) + " bytes");
  };
  if (!value->is_array() || value->size() > items) {
    return expected();
  }
  std::vector<std::string> texts;
  for (const json& item : *value) {
    if (!item.is_string() || item.get_ref<const std::string&>().size() > limit) {
      return expected();
    }
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

Result<std::map<std::string, std::string>> Fields::named_texts(std::string_view key,
                                                               std::size_t items,
                                                               std::size_t limit) const {
  TRY(value, required(key));
  const auto expected = [&] {
    return wrong(key, "an object of at most " + std::to_string(items) + " texts of 1 to " +
                          std::to_string(limit) + " bytes");
  };
  if (!value->is_object() || value->size() > items) {
    return expected();
  }
  std::map<std::string, std::string> texts;
  for (const auto& [name, item] : value->items()) {
    const std::string text = item.is_string() ? item.get<std::string>() : std::string();
    if (name.empty() || name.size() > limit || text.empty() || text.size() > limit) {
      return expected();
    }
    texts.emplace(name, text);
  }
  return texts;
}

Result<Fields> Fields::object(std::string_view key) const {
  TRY(value, required(key));
  if (!value->is_object()) {
    return wrong(key, "an object");
  }
  return Fields(*value, path_of(key));
}

Result<std::vector<Fields>> Fields::objects(std::string_view key, std::size_t items) const {
  TRY(value, required(key));
  if (!value->is_array() || value->size() > items) {
    return wrong(key, "a list of at most " + std::to_string(items) + " objects");
  }
  std::vector<Fields> objects;
  for (const json& item : *value) {
    objects.emplace_back(item, path_of(key) + "[" + std::to_string(objects.size()) + "]");
  }
  return objects;
}

}  // namespace orama::api
