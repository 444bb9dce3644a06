#include "common/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"

namespace orama {

namespace {

struct Refused {
  int line;
  std::string what;
};

// Builds the tree from yaml-cpp's events; throws Refused at what is not supported.
class Builder final : public YAML::EventHandler {
 public:
  std::optional<YamlNode> root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root) {
      throw Refused{mark.line + 1, "found a second document, expected one"};
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(start(mark, "", anchor, YamlNode::Kind::null));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw Refused{mark.line + 1, "found an alias (*name), expected the value itself"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = start(mark, tag, anchor, YamlNode::Kind::scalar);
    node.quoted = tag == "!";
    node.text = value;
    if (!node.quoted && (value.empty() || value == "~" || value == "null")) {
      node.kind = YamlNode::Kind::null;
    }
    place(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open_.push_back({start(mark, tag, anchor, YamlNode::Kind::sequence), std::nullopt});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open_.push_back({start(mark, tag, anchor, YamlNode::Kind::map), std::nullopt});
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;  // of a map, while its value is awaited
  };

  static YamlNode start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                        YamlNode::Kind kind) {
    if (anchor != 0) {
      throw Refused{mark.line + 1, "found an anchor (&name), expected the value alone"};
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused{mark.line + 1, "found the tag " + tag + ", expected the value alone"};
    }
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    return node;
  }

  void place(YamlNode node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      if (node.kind == YamlNode::Kind::null) {
        node.line = parent.key->line;  // yaml-cpp notices a value's absence on the next line
      }
      parent.node.keys.push_back(std::move(*parent.key));
      parent.node.items.push_back(std::move(node));
      parent.key.reset();
    }
  }

  void close() {
    YamlNode done = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(done));
  }

  std::vector<Open> open_;
};

Error refused(const std::string& file, int line, const std::string& what) {
  return make_error(Errc::invalid_argument, file + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

Result<YamlNode> parse_yaml(std::string_view text, const std::string& file) {
  std::istringstream stream{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refusal) {
    return refused(file, refusal.line, refusal.what);
  } catch (const YAML::Exception& error) {
    return refused(file, error.mark.line + 1, "not YAML: " + error.msg);
  }
  return builder.root.value_or(YamlNode{});
}

}  // namespace orama
