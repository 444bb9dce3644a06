#include "common/crypto/secret.h"

#include <sodium.h>

#include <string>
#include <string_view>
#include <utility>

namespace orama::crypto {

namespace {

// The whole capacity: a moved-from short string still holds its old bytes past its length of 0.
void wipe(std::string& bytes) {
  bytes.resize(bytes.capacity());
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
}

}  // namespace

Secret::Secret(std::string bytes) : bytes_(std::move(bytes)) {
  wipe(bytes);  // NOLINT(bugprone-use-after-move): that is what is wiped
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) {
  wipe(other.bytes_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = other.bytes_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
  }
  return *this;
}

Secret::~Secret() {
  wipe(bytes_);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace orama::crypto
