// Bytes that must not outlive their use: wiped on destruction, never printable, compared in
// constant time.
#pragma once

#include <string>
#include <string_view>

namespace orama::crypto {

class Secret {
 public:
  Secret() = default;
  // Takes the bytes over; what the argument still holds is wiped.
  explicit Secret(std::string bytes);
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  // The bytes themselves; the name makes each use easy to find in review.
  const std::string& reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

// True when equal, in time that depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace orama::crypto
