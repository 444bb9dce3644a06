#include "common/link/frame.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::link {
namespace {

using nlohmann::json;

// A message whose JSON text has that many bytes.
json message_of(std::size_t bytes) {
  json message{{"type", "t"}, {"x", ""}};
  message["x"] = std::string(bytes - message.dump().size(), 'a');
  return message;
}

std::string frame_of(const std::string& text) {
  std::string frame;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    frame += static_cast<char>(text.size() >> shift & 0xFFU);
  }
  return frame + text;
}

}  // namespace

TEST_CASE("messages come out as they went in, however the bytes are cut") {
  const std::string bytes = *encode_message({{"type", "hello"}, {"id", "a"}}) +
                            *encode_message({{"type", "hint"}, {"seq", 7}});
  for (std::size_t part = 1; part <= bytes.size(); ++part) {
    FrameParser parser;
    std::vector<json> all;
    for (std::size_t at = 0; at < bytes.size(); at += part) {
      const auto some = parser.feed(std::string_view(bytes).substr(at, part));
      REQUIRE(some.ok());
      all.insert(all.end(), some->begin(), some->end());
    }
    REQUIRE(all.size() == 2);
    CHECK(all[0]["id"] == "a");
    CHECK(all[1]["seq"] == 7);
  }
}

TEST_CASE("256 KiB pass, one byte more does not, in both directions") {
  const auto fits = encode_message(message_of(kMaxMessageBytes));
  REQUIRE(fits.ok());
  CHECK(FrameParser().feed(*fits)->size() == 1);
  const auto larger = encode_message(message_of(kMaxMessageBytes + 1));
  REQUIRE(!larger.ok());
  CHECK(larger.error().code == Errc::too_large);
  // By its length alone: nothing of it is waited for.
  const auto refused = FrameParser().feed(std::string("\x00\x04\x00\x01", 4));
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Errc::too_large);
}

TEST_CASE("what is no message is refused") {
  for (const char* text :
       {"", "{", "[]", "1", "{}", R"({"type":1})", R"({"type":""})", R"({"type":null})"}) {
    CAPTURE(text);
    const auto refused = FrameParser().feed(frame_of(text));
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == Errc::invalid_argument);
  }
  CHECK(encode_message({{"type", std::string(64, 't')}}).ok());
  CHECK(!encode_message({{"type", std::string(65, 't')}}).ok());
  CHECK(!encode_message(json::array()).ok());
  CHECK(!encode_message({{"type", "t"}, {"x", "\xff"}}).ok());
}

}  // namespace orama::link
