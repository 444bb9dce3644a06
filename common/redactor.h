// Keeps secrets out of text: values that were registered, and values of fields whose names tell.
// Safe from any thread. Does not see a secret in another encoding than the one registered.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace orama {

class Redactor {
 public:
  static constexpr std::string_view kRedacted = "[redacted]";
  static constexpr std::size_t kShortestSecret = 6;  // shorter ones would blank innocent text

  void add(std::string_view secret);
  std::string clean(std::string text) const;
  // Of a field: the whole value when the name tells, else as clean().
  std::string clean_field(std::string_view name, std::string value) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> secrets_;  // longest first, so that a part never hides the whole
};

}  // namespace orama
