// A YAML document as a tree of plain values with line numbers. One document; no anchors, aliases or
// tags, so that the tree is never larger than its text. yaml-cpp and its exceptions stay in the
// .cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace orama {

struct YamlNode {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  int line = 0;                 // from 1
  bool quoted = false;          // a scalar in quotes or a block is text, whatever it looks like
  std::string text;             // of a scalar
  std::vector<YamlNode> keys;   // of a map, in the order of the file, duplicates kept
  std::vector<YamlNode> items;  // of a sequence; of a map the values, in step with its keys
};

// The error's message starts with "<file>:<line>: ". An empty text is a null node.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& file);

}  // namespace orama
