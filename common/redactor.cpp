#include "common/redactor.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "common/secret_names.h"

namespace orama {

void Redactor::add(std::string_view secret) {
  if (secret.size() < kShortestSecret) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) {
    return;
  }
  const auto at = std::find_if(secrets_.begin(), secrets_.end(), [&](const std::string& other) {
    return other.size() < secret.size();
  });
  secrets_.emplace(at, secret);
}

std::string Redactor::clean(std::string text) const {
  const std::lock_guard lock(mutex_);
  for (const std::string& secret : secrets_) {
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), kRedacted);
      at += kRedacted.size();
    }
  }
  return text;
}

std::string Redactor::clean_field(std::string_view name, std::string value) const {
  if (is_secret_name(name) && !value.empty()) {
    return std::string(kRedacted);
  }
  return clean(std::move(value));
}

}  // namespace orama
