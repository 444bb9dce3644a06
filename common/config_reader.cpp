#include "common/config_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config_values.h"
#include "common/nearest.h"
#include "common/result.h"
#include "common/secret_names.h"
#include "common/yaml_tree.h"

namespace orama {

struct ConfigReader::State {
  std::string file;
  YamlNode root;
  std::multimap<int, std::string> problems;  // by line; 0 is of no line
  std::vector<Entry> entries;
  std::set<std::string> read;      // "drain.within"
  std::set<std::string> sections;  // "drain"
  std::set<std::string> broken;    // sections that are no mapping: reported once

  void add(int line, std::string_view key, const std::string& what) {
    const std::string place = line > 0 ? file + ":" + std::to_string(line) : file;
    problems.emplace(line, place + ": " + (key.empty() ? "" : std::string(key) + ": ") + what);
  }

  static const YamlNode* child(const YamlNode& map, std::string_view name) {
    for (std::size_t i = 0; i < map.keys.size(); ++i) {
      if (map.keys[i].kind == YamlNode::Kind::scalar && map.keys[i].text == name) {
        return &map.items[i];
      }
    }
    return nullptr;
  }

  // The node of a dotted key; nullptr when it, or a section on the way, is not there.
  const YamlNode* find(std::string_view key);
  bool is_in_broken_section(std::string_view key) const;
  void note(std::string_view key);
  void check_map(const YamlNode& map, const std::string& prefix);
  void check_entry(const YamlNode& key, const YamlNode& value, const std::string& prefix);
  std::string suggestion(const std::string& prefix, const std::string& name) const;
};

const YamlNode* ConfigReader::State::find(std::string_view key) {
  const YamlNode* node = &root;
  std::size_t at = 0;
  while (true) {
    if (node->kind != YamlNode::Kind::map) {
      const std::string section(key.substr(0, at == 0 ? 0 : at - 1));
      if (node->kind != YamlNode::Kind::null && broken.insert(section).second) {
        add(node->line, section,
            "found " + describe_yaml(*node) + ", expected a mapping of keys to values");
      }
      return nullptr;
    }
    const auto dot = key.find('.', at);
    node = child(*node, key.substr(at, dot == std::string_view::npos ? dot : dot - at));
    if (node == nullptr || dot == std::string_view::npos) {
      return node;
    }
    at = dot + 1;
  }
}

bool ConfigReader::State::is_in_broken_section(std::string_view key) const {
  return std::any_of(broken.begin(), broken.end(), [&](const std::string& section) {
    return section.empty() || key.starts_with(section + ".");
  });
}

void ConfigReader::State::note(std::string_view key) {
  read.emplace(key);
  for (auto dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
    sections.emplace(key.substr(0, dot));
  }
}

// The nearest known key of the same section, else the whole key under which that very name is
// known.
std::string ConfigReader::State::suggestion(const std::string& prefix,
                                            const std::string& name) const {
  std::vector<std::string> siblings;
  std::string elsewhere;
  for (const auto* known : {&sections, &read}) {
    for (const std::string& key : *known) {
      const auto dot = key.rfind('.');
      const std::string parent = dot == std::string::npos ? "" : key.substr(0, dot + 1);
      const std::string last = key.substr(parent.size());
      if (parent == prefix) {
        siblings.push_back(last);
      } else if (last == name) {
        elsewhere = key;
      }
    }
  }
  if (const auto near = nearest_word(name, siblings)) {
    return ", did you mean " + prefix + *near + "?";
  }
  return elsewhere.empty() ? "" : ", did you mean " + elsewhere + "?";
}

void ConfigReader::State::check_entry(const YamlNode& key, const YamlNode& value,
                                      const std::string& prefix) {
  const std::string path = prefix + key.text;
  const bool dotted = key.text.find('.') != std::string::npos;
  if (!dotted && read.contains(path)) {
    return;
  }
  if (!dotted && sections.contains(path)) {
    if (value.kind == YamlNode::Kind::map) {
      check_map(value, path + ".");
    }
    return;
  }
  add(key.line, path, "unknown key" + suggestion(prefix, key.text));
}

void ConfigReader::State::check_map(const YamlNode& map, const std::string& prefix) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const YamlNode& key = map.keys[i];
    if (key.kind != YamlNode::Kind::scalar) {
      add(key.line, "", "found " + describe_yaml(key) + " as a key, expected a name");
    } else if (!seen.insert(key.text).second) {
      add(key.line, prefix + key.text, "the key stands here a second time, expected once");
    } else {
      check_entry(key, map.items[i], prefix);
    }
  }
}

ConfigReader::ConfigReader(std::string_view text, std::string file)
    : state_(std::make_unique<State>()) {
  state_->file = std::move(file);
  auto root = parse_yaml(text, state_->file);
  if (root.ok()) {
    state_->root = std::move(root).value();
  } else {
    state_->problems.emplace(1, root.error().message);
    state_->broken.insert("");
  }
}

ConfigReader::~ConfigReader() = default;

namespace {

std::string shown(std::string_view key, const YamlNode& node) {
  return is_secret_name(key) ? "a value that is not shown" : describe_yaml(node);
}

}  // namespace

template <class T>
void ConfigReader::required(std::string_view key, T& out, Rule<T> rule) {
  state_->note(key);
  const YamlNode* node = state_->find(key);
  if (node == nullptr) {
    // Where a section is no mapping, all of its keys are missing: that is one problem, not fifty.
    if (!state_->is_in_broken_section(key)) {
      state_->add(0, key, std::string("missing, expected ") + ConfigValue<T>::kExpected);
    }
    return;
  }
  auto value = ConfigValue<T>::read(*node);
  if (!value) {
    state_->add(node->line, key,
                "found " + shown(key, *node) + ", expected " + ConfigValue<T>::kExpected);
    return;
  }
  if (rule) {
    if (const auto verdict = rule(*value); !verdict.ok()) {
      state_->add(node->line, key,
                  "found " + shown(key, *node) + ", expected " + verdict.error().message);
    }
  }
  out = std::move(*value);
  state_->entries.push_back({std::string(key), ConfigValue<T>::show(out),
                             state_->file + ":" + std::to_string(node->line)});
}

template <class T>
void ConfigReader::optional(std::string_view key, T& out, T fallback, Rule<T> rule) {
  if (state_->find(key) != nullptr) {
    required<T>(key, out, std::move(rule));
    return;
  }
  state_->note(key);
  out = std::move(fallback);
  state_->entries.push_back({std::string(key), ConfigValue<T>::show(out), "default"});
}

void ConfigReader::problem(std::string_view key, std::string message) {
  const YamlNode* node = state_->find(key);
  state_->add(node == nullptr ? 0 : node->line, key, message);
}

Result<void> ConfigReader::finish() {
  std::multimap<int, std::string> all = state_->problems;
  if (state_->root.kind == YamlNode::Kind::map) {
    state_->check_map(state_->root, "");
  }
  std::swap(all, state_->problems);  // so that a second call finds the same
  if (all.empty()) {
    return {};
  }
  std::string text;
  for (const auto& [line, one] : all) {
    text += (text.empty() ? "" : "\n") + one;
  }
  return make_error(Errc::invalid_argument, text, "correct " + state_->file + " and try again");
}

const std::vector<ConfigReader::Entry>& ConfigReader::entries() const {
  return state_->entries;
}

#define ORAMA_CONFIG_TYPE(...)                                                             \
  template void ConfigReader::required(std::string_view, __VA_ARGS__&, Rule<__VA_ARGS__>); \
  template void ConfigReader::optional(std::string_view, __VA_ARGS__&, __VA_ARGS__,        \
                                       Rule<__VA_ARGS__>)
ORAMA_CONFIG_TYPE(std::string);
ORAMA_CONFIG_TYPE(bool);
ORAMA_CONFIG_TYPE(std::int64_t);
ORAMA_CONFIG_TYPE(double);
ORAMA_CONFIG_TYPE(std::chrono::nanoseconds);
ORAMA_CONFIG_TYPE(std::vector<std::string>);
#undef ORAMA_CONFIG_TYPE

}  // namespace orama
