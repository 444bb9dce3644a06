#include "gateway/backends/registry.h"

#include <cstdint>
#include <string>
#include <variant>

namespace orama::gateway::backends {

std::int64_t integer_of(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

std::string text_of(const Value& value) {
  const auto* found = std::get_if<std::string>(&value);
  return found == nullptr ? std::string() : *found;
}

}  // namespace orama::gateway::backends
