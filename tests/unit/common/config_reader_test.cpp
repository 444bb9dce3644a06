#include "common/config_reader.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace orama {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

struct Settings {
  std::string id;
  std::vector<std::string> addresses;
  std::int64_t threads = -1;
  double ratio = -1;
  bool enabled = false;
  std::chrono::nanoseconds within{-1};
};

Result<void> at_most_64(const std::int64_t& threads) {
  if (threads < 0 || threads > 64) {
    return make_error(Errc::invalid_argument, "a number from 0 to 64");
  }
  return {};
}

void read_all(ConfigReader& reader, Settings& settings) {
  reader.required("node.id", settings.id);
  reader.optional("node.addresses", settings.addresses, std::vector<std::string>{"::1"});
  reader.optional<std::int64_t>("http.threads", settings.threads, 0, at_most_64);
  reader.optional("limits.ratio", settings.ratio, 0.5);
  reader.optional("drain.enabled", settings.enabled, true);
  reader.optional<std::chrono::nanoseconds>("drain.within", settings.within, 5s);
}

// The problems, one a line; "" when there is none.
std::string problems_of(const std::string& text) {
  ConfigReader reader(text, "orama.yaml");
  Settings settings;
  read_all(reader, settings);
  const auto finished = reader.finish();
  return finished.ok() ? "" : finished.error().message;
}

TEST_CASE("values of every type are read, defaults fill in, origins are told") {
  ConfigReader reader(
      "node:\n  id: node1\n  addresses: [203.0.113.11, \"2001:db8::11\"]\n"
      "http: {threads: 4}\nlimits:\n  ratio: 1e-3\ndrain:\n  within: 1m30s\n",
      "/etc/orama/orama.yaml");
  Settings settings;
  read_all(reader, settings);
  CHECK(reader.finish().ok());
  CHECK(settings.id == "node1");
  CHECK(settings.addresses == std::vector<std::string>{"203.0.113.11", "2001:db8::11"});
  CHECK(settings.threads == 4);
  CHECK(settings.ratio == doctest::Approx(0.001));
  CHECK(settings.enabled);
  CHECK(settings.within == 90s);
  std::string table;
  for (const auto& entry : reader.entries()) {
    table += entry.key + "=" + entry.value + " " + entry.origin + "\n";
  }
  CHECK(table ==
        "node.id=node1 /etc/orama/orama.yaml:2\n"
        "node.addresses=[\"203.0.113.11\", \"2001:db8::11\"] /etc/orama/orama.yaml:3\n"
        "http.threads=4 /etc/orama/orama.yaml:4\n"
        "limits.ratio=0.001 /etc/orama/orama.yaml:6\n"
        "drain.enabled=true default\n"
        "drain.within=1m30s /etc/orama/orama.yaml:8\n");
}

TEST_CASE("text that looks like something else is still text where text is wanted") {
  CHECK(problems_of("node: {id: 123}").empty());
  CHECK(problems_of("node: {id: no}").empty());
  CHECK(problems_of("node: {id: \"\"}").empty());
  CHECK(problems_of("node: {id: 'null'}").empty());
}

TEST_CASE("every problem is told at once, with its line, in the order of the file") {
  CHECK(problems_of("http:\n"
                    "  threads: 65\n"
                    "  thread: 4\n"
                    "drain:\n"
                    "  within: soon\n"
                    "  enabled: yes\n"
                    "limits:\n"
                    "  ratio: [1]\n"
                    "cors: x\n") ==
        "orama.yaml: node.id: missing, expected text\n"
        "orama.yaml:2: http.threads: found \"65\", expected a number from 0 to 64\n"
        "orama.yaml:3: http.thread: unknown key, did you mean http.threads?\n"
        "orama.yaml:5: drain.within: found soon, expected a duration such as 1h30m, 5s or 250ms\n"
        "orama.yaml:6: drain.enabled: found yes, expected true or false\n"
        "orama.yaml:8: limits.ratio: found a list, expected a number\n"
        "orama.yaml:9: cors: unknown key");
}

struct Bad {
  const char* text;
  const char* problem;
};

TEST_CASE("wrong files") {
  const std::vector<Bad> cases{
      {"node: {id: a}\nnode: {id: b}\n",
       "orama.yaml:2: node: the key stands here a second time, expected once"},
      {"node: {id: a, id: b}",
       "orama.yaml:1: node.id: the key stands here a second time, expected once"},
      {"node: a", "orama.yaml:1: node: found a, expected a mapping of keys to values"},
      {"[a]", "orama.yaml:1: found a list, expected a mapping of keys to values"},
      {"just text", "orama.yaml:1: found \"just text\", expected a mapping of keys to values"},
      {"", "orama.yaml: node.id: missing, expected text"},
      {"# nothing\n", "orama.yaml: node.id: missing, expected text"},
      {"node:\n  id:\n", "orama.yaml:2: node.id: found nothing, expected text"},
      {"node:\n  id: ~\n", "orama.yaml:2: node.id: found nothing, expected text"},
      {"node: {id: a}\nid: b", "orama.yaml:2: id: unknown key, did you mean node.id?"},
      {"node: {id: a}\nnodes: b", "orama.yaml:2: nodes: unknown key, did you mean node?"},
      {"node: {id: a}\nnode.id: b", "orama.yaml:2: node.id: unknown key"},
      {"node: {id: a}\n? [x]\n: b", "orama.yaml:2: found a list as a key, expected a name"},
      {"node: {id: &a x}", "orama.yaml:1: found an anchor (&name), expected the value alone"},
      {"node: {id: *a}", "orama.yaml:1: not YAML: "},
      {"node: {id: !!int 5}",
       "orama.yaml:1: found the tag tag:yaml.org,2002:int, expected the value alone"},
      {"node: {id: a}\n---\nnode: {id: b}\n",
       "orama.yaml:2: found a second document, expected one"},
      {"node: {id: a", "orama.yaml:1: not YAML: "},
      {"node:\n\tid: a\n", "orama.yaml:2: not YAML: "},
      {"node: {id: a}\nhttp: {threads: 4.0}",
       "orama.yaml:2: http.threads: found \"4.0\", expected a whole number"},
      {"node: {id: a}\nhttp: {threads: \"4\"}",
       "orama.yaml:2: http.threads: found \"4\", expected a whole number"},
      {"node: {id: a}\nhttp: {threads: 9223372036854775808}",
       "orama.yaml:2: http.threads: found \"9223372036854775808\", expected a whole number"},
      {"node: {id: a}\nlimits: {ratio: .inf}",
       "orama.yaml:2: limits.ratio: found \".inf\", expected a number"},
      {"node: {id: a}\nlimits: {ratio: inf}",
       "orama.yaml:2: limits.ratio: found inf, expected a number"},
      {"node: {id: a, addresses: x}",
       "orama.yaml:1: node.addresses: found x, expected a list of texts"},
      {"node: {id: a, addresses: [[x]]}",
       "orama.yaml:1: node.addresses: found a list, expected a list of texts"},
  };
  for (const auto& [text, problem] : cases) {
    CAPTURE(std::string(text));
    const std::string found = problems_of(text);
    CAPTURE(found);
    CHECK(found.starts_with(problem));
    CHECK_FALSE(found.empty());
  }
}

TEST_CASE("a file that is no YAML is one problem, not one a key") {
  const std::string found = problems_of("a: [");
  CHECK(found.starts_with("orama.yaml:1: not YAML"));
  CHECK(found.find('\n') == std::string::npos);
}

TEST_CASE("a deep or wide document ends in a problem, not in a crash") {
  CHECK(problems_of(std::string(100'000, '[')).starts_with("orama.yaml:1: not YAML"));
  CHECK_FALSE(problems_of("node: {id: " + std::string(100'000, 'x') + "}\nx: 1").empty());
}

TEST_CASE("a value whose key tells of a secret is never quoted") {
  ConfigReader reader("registry:\n  password: [hunter2hunter2]\n", "orama.yaml");
  std::string password;
  reader.required("registry.password", password);
  const auto finished = reader.finish();
  CHECK(finished.error().message ==
        "orama.yaml:2: registry.password: found a value that is not shown, expected text");
}

TEST_CASE("a problem across keys gets the key's line, and finish says the same twice") {
  ConfigReader reader("a: 1\nb: 2\n", "f");
  std::int64_t a = 0;
  std::int64_t b = 0;
  reader.required("a", a);
  reader.required("b", b);
  reader.problem("b", "must not be larger than a");
  reader.problem("c", "is missing with a");
  const std::string first = reader.finish().error().message;
  CHECK(first == "f: c: is missing with a\nf:2: b: must not be larger than a");
  CHECK(reader.finish().error().message == first);
}

}  // namespace
}  // namespace orama
