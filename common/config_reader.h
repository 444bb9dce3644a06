// Reads a YAML file into variables, key by key, with defaults. Every problem is collected and
// reported at once with its line: missing keys, wrong types, failed rules, duplicate keys, and
// unknown keys with the nearest known one ("did you mean"). Reads nothing from the environment. Not
// thread-safe; used at start.
//
//   ConfigReader reader(text, "/etc/orama/orama.yaml");
//   reader.required("node.id", config.node.id);
//   reader.optional("drain.within", config.drain.within, 5s);
//   TRY_VOID(reader.finish());
//
// The sequence of calls is the table of the configuration: entries() lists it with value and
// origin.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace orama {

class ConfigReader {
 public:
  // A rule on a value that was read; the error's message says what is wanted ("a port from 1 to
  // 65535").
  template <class T>
  using Rule = std::function<Result<void>(const T&)>;

  struct Entry {
    std::string key;     // "drain.within"
    std::string value;   // as YAML flow text
    std::string origin;  // "default" or "/etc/orama/orama.yaml:12"
  };

  // `file` is only the name in messages. A text that is not YAML becomes a problem of finish().
  ConfigReader(std::string_view text, std::string file);
  ~ConfigReader();
  ConfigReader(const ConfigReader&) = delete;
  ConfigReader& operator=(const ConfigReader&) = delete;

  // T: std::string, bool, std::int64_t, double, std::chrono::nanoseconds (Go duration text),
  // std::vector<std::string>.
  template <class T>
  void required(std::string_view key, T& out, Rule<T> rule = nullptr);
  template <class T>
  void optional(std::string_view key, T& out, T fallback, Rule<T> rule = nullptr);

  // A problem found by the caller across keys, reported with the key's line.
  void problem(std::string_view key, std::string message);

  // invalid_argument with one line a problem ("file:line: key: found X, expected Y"), or success.
  Result<void> finish();
  const std::vector<Entry>& entries() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orama
