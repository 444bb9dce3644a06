// Whether every io thread still answers: each beat posts to each of them and looks whether all of
// the beat before have been run. Beats come from one thread; the counters are shared with the io
// threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace orama::gateway {

class Heartbeat {
 public:
  explicit Heartbeat(std::vector<boost::asio::io_context*> contexts);
  // True when all threads have answered the last beat (true on the first). Then asks again.
  bool beat();

 private:
  std::vector<boost::asio::io_context*> contexts_;
  std::uint64_t asked_ = 0;
  std::shared_ptr<std::atomic<std::uint64_t>> answered_;
};

}  // namespace orama::gateway
