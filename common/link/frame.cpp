#include "common/link/frame.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/result.h"

namespace orama::link {

namespace {

constexpr std::size_t kLengthBytes = 4;

std::size_t length_of(std::string_view head) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length = length << 8U | static_cast<unsigned char>(head[i]);
  }
  return length;
}

Error too_large(std::size_t length) {
  return make_error(Errc::too_large, "a message of a link has " + std::to_string(length) +
                                         " bytes, at most " + std::to_string(kMaxMessageBytes) +
                                         " are allowed");
}

Result<void> check_type(const nlohmann::json& message) {
  const auto type = message.is_object() ? message.find("type") : message.end();
  if (message.is_object() && type != message.end() && type->is_string()) {
    const auto& name = type->get_ref<const std::string&>();
    if (!name.empty() && name.size() <= kMaxMessageType) {
      return {};
    }
  }
  return make_error(Errc::invalid_argument,
                    "a message of a link is no object with a \"type\" of 1 to 64 bytes");
}

}  // namespace

Result<std::string> encode_message(const nlohmann::json& message) {
  TRY_VOID(check_type(message));
  std::string text;
  try {
    text = message.dump();
  } catch (const nlohmann::json::exception&) {
    return make_error(Errc::invalid_argument, "a message of a link holds text that is not UTF-8");
  }
  if (text.size() > kMaxMessageBytes) {
    return too_large(text.size());
  }
  std::string frame;
  frame.reserve(kLengthBytes + text.size());
  const auto length = static_cast<std::uint32_t>(text.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    frame += static_cast<char>(length >> shift & 0xFFU);
  }
  return frame += text;
}

Result<std::vector<nlohmann::json>> FrameParser::feed(std::string_view bytes) {
  buffer_ += bytes;
  std::vector<nlohmann::json> messages;
  std::string_view rest = buffer_;
  while (rest.size() >= kLengthBytes) {
    const std::size_t length = length_of(rest);
    if (length > kMaxMessageBytes) {
      return too_large(length);
    }
    if (rest.size() < kLengthBytes + length) {
      break;
    }
    TRY(message, parse_json(rest.substr(kLengthBytes, length)));
    TRY_VOID(check_type(message));
    messages.push_back(std::move(message));
    rest.remove_prefix(kLengthBytes + length);
  }
  buffer_.erase(0, buffer_.size() - rest.size());
  return messages;
}

}  // namespace orama::link
