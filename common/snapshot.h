// A value that one thread replaces as a whole and others read: readers get the shared, unchanging
// copy that stood at that moment. Safe from any thread; holds its lock only to copy a pointer.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace orama {

template <class T>
class Snapshot {
 public:
  Snapshot() : value_(std::make_shared<const T>()) {}
  explicit Snapshot(T first) : value_(std::make_shared<const T>(std::move(first))) {}

  std::shared_ptr<const T> get() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }
  void set(T next) {
    auto shared = std::make_shared<const T>(std::move(next));
    const std::scoped_lock lock(mutex_);
    value_.swap(shared);  // the old value dies after the lock is gone, with its last holder
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace orama
