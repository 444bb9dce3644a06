// The bytes a connection has read and not used yet. Small while it is idle, grows when one head or
// a busy body needs it, never past its limit.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace orama::gateway::http {

class ReadBuffer {
 public:
  static constexpr std::size_t kSmall = 8UL * 1024;
  static constexpr std::size_t kLarge = 64UL * 1024;  // above a whole head of the largest kind

  std::string_view view() const { return {bytes_.data() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    }
  }

  // Room to read into; makes some when there is none.
  struct Space {
    char* data;
    std::size_t size;
  };
  Space space() {
    if (end_ == bytes_.size()) {
      make_room();
    }
    return {bytes_.data() + end_, bytes_.size() - end_};
  }
  void produced(std::size_t count) { end_ += count; }

  // Gives memory back when nothing is in it.
  void shrink() {
    if (empty() && bytes_.size() > kSmall) {
      bytes_ = std::vector<char>(kSmall);
    }
  }

 private:
  void make_room() {
    const std::size_t used = end_ - begin_;
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, used);
    } else if (bytes_.size() < kLarge) {
      bytes_.resize(bytes_.size() * 2);
    }
    begin_ = 0;
    end_ = used;
  }

  std::vector<char> bytes_ = std::vector<char>(kSmall);
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace orama::gateway::http
