#include "common/api/fields.h"
#include "common/result.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

namespace orama::api {
namespace {

using nlohmann::json;

TEST_CASE("fields of every kind are read exactly") {
  const json body = json::parse(
      R"({"t": "text", "e": "", "i": 9223372036854775807, "n": 1.5, "b": true, "l": ["a", ""], "o": {"x": -3},
          "os": [{"x": 1}, {"x": 2}], "null": null})");
  const Fields fields(body);
  CHECK(fields.text("t", 4).value() == "text");
  CHECK(fields.text_or_empty("e", 4).value().empty());
  CHECK(fields.integer("i").value() == INT64_MAX);
  CHECK(fields.number("n").value() == doctest::Approx(1.5));
  CHECK(fields.number("i").ok());
  CHECK(fields.boolean("b").value());
  CHECK(fields.texts("l", 2, 1).value().size() == 2);
  CHECK(fields.object("o").value().integer("x").value() == -3);
  CHECK(fields.objects("os", 2).value()[1].integer("x").value() == 2);
  CHECK(fields.optional_text("t", 4).value() == "text");
  CHECK_FALSE(fields.optional_text("null", 4).value().has_value());
  CHECK_FALSE(fields.optional_text("missing", 4).value().has_value());
  CHECK(fields.has("e"));
  CHECK_FALSE(fields.has("null"));
}

// The message of what is no success.
template <class T>
std::string refusal(const Result<T>& result) {
  return result.ok() ? "" : result.error().message;
}

TEST_CASE("an object of texts is read up to its limits") {
  const json body = json::parse(
      R"({"m": {"ab": "cd", "e": "f"}, "none": {}, "empty": {"a": ""}, "nameless": {"": "a"},
                      "number": {"a": 1}, "list": ["a"]})");
  const Fields fields(body);
  const auto texts = fields.named_texts("m", 2, 2);
  REQUIRE(texts.ok());
  CHECK(texts->size() == 2);
  CHECK(texts->at("ab") == "cd");
  CHECK(fields.named_texts("none", 0, 2)->empty());
  CHECK(refusal(fields.named_texts("m", 1, 2)) ==
        "m: expected an object of at most 1 texts of 1 to 2 bytes");
  CHECK_FALSE(refusal(fields.named_texts("m", 2, 1)).empty());
  for (const char* key : {"empty", "nameless", "number", "list", "missing"}) {
    CAPTURE(key);
    CHECK_FALSE(refusal(fields.named_texts(key, 9, 9)).empty());
  }
}

TEST_CASE("a wrong field is named by its path") {
  const json body = json::parse(
      R"({"t": "text", "e": "", "i": 9223372036854775808, "f": 1.0, "s": "5", "neg": -1, "null": null, "l": ["a", 1],
          "long": ["aa"], "o": {"p": {"x": "no"}}, "os": [{"x": 1}, 5]})");
  const Fields fields(body);
  CHECK(refusal(fields.text("t", 3)) == "t: expected a text of at most 3 bytes");
  CHECK(refusal(fields.text("e", 3)) == "e: is required");
  CHECK(refusal(fields.text("null", 3)) == "null: is required");
  CHECK(refusal(fields.text("missing", 3)) == "missing: is required");
  CHECK(refusal(fields.text("neg", 3)) == "neg: expected a text of at most 3 bytes");
  CHECK(refusal(fields.integer("i")) == "i: expected an integer");
  CHECK(refusal(fields.integer("f")) == "f: expected an integer");
  CHECK(refusal(fields.integer("s")) == "s: expected an integer");
  CHECK(refusal(fields.integer("neg", 0)) == "neg: expected an integer of at least 0");
  CHECK(refusal(fields.boolean("s")) == "s: expected true or false");
  CHECK(refusal(fields.number("s")) == "s: expected a number");
  CHECK_FALSE(refusal(fields.texts("l", 2, 9)).empty());
  CHECK_FALSE(refusal(fields.texts("long", 2, 1)).empty());
  CHECK_FALSE(refusal(fields.texts("long", 0, 9)).empty());
  CHECK_FALSE(refusal(fields.texts("t", 2, 9)).empty());
  CHECK(refusal(fields.object("o").value().object("p").value().integer("x")) ==
        "o.p.x: expected an integer");
  CHECK(refusal(fields.object("t")) == "t: expected an object");
  CHECK(refusal(fields.objects("os", 1)) == "os: expected a list of at most 1 objects");
  CHECK(refusal(fields.objects("os", 2).value()[1].integer("x")) == "os[1]: expected an object");
}

TEST_CASE("what is no object is reported by the first read") {
  for (const char* text : {"[]", "5", "\"a\"", "null", "true"}) {
    CAPTURE(std::string(text));
    const json body = json::parse(text);
    CHECK(refusal(Fields(body).text("t", 3)) == "body: expected an object");
    CHECK(refusal(Fields(body).optional_text("t", 3)) == "body: expected an object");
    CHECK_FALSE(Fields(body).has("t"));
  }
}

TEST_CASE("an error is split into the field and the reason") {
  const FieldReason parts = split_field_error(field_error("node.name", "expected: a name"));
  CHECK(parts.field == "node.name");
  CHECK(parts.reason == "expected: a name");
  CHECK(split_field_error(make_error(Errc::failed, "no field here")).field.empty());
}

}  // namespace
}  // namespace orama::api
