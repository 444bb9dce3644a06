// How each type that a configuration key may have is read from YAML and shown. Part of
// config_reader.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/yaml_tree.h"

namespace orama {

// What stands there, for a message: `"abc"`, `12`, `a list`, `nothing`.
std::string describe_yaml(const YamlNode& node);

template <class T>
struct ConfigValue;

template <>
struct ConfigValue<std::string> {
  static constexpr const char* kExpected = "text";
  static std::optional<std::string> read(const YamlNode& node);
  static std::string show(const std::string& value);
};

template <>
struct ConfigValue<bool> {
  static constexpr const char* kExpected = "true or false";
  static std::optional<bool> read(const YamlNode& node);
  static std::string show(bool value);
};

template <>
struct ConfigValue<std::int64_t> {
  static constexpr const char* kExpected = "a whole number";
  static std::optional<std::int64_t> read(const YamlNode& node);
  static std::string show(std::int64_t value);
};

template <>
struct ConfigValue<double> {
  static constexpr const char* kExpected = "a number";
  static std::optional<double> read(const YamlNode& node);
  static std::string show(double value);
};

template <>
struct ConfigValue<std::chrono::nanoseconds> {
  static constexpr const char* kExpected = "a duration such as 1h30m, 5s or 250ms";
  static std::optional<std::chrono::nanoseconds> read(const YamlNode& node);
  static std::string show(std::chrono::nanoseconds value);
};

template <>
struct ConfigValue<std::vector<std::string>> {
  static constexpr const char* kExpected = "a list of texts";
  static std::optional<std::vector<std::string>> read(const YamlNode& node);
  static std::string show(const std::vector<std::string>& value);
};

}  // namespace orama
