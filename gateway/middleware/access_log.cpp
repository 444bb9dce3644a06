#include "gateway/middleware/access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "common/log.h"
#include "common/result.h"
#include "gateway/metrics/instruments.h"
#include "gateway/middleware/access_line.h"

namespace orama::gateway::middleware {

namespace {

constexpr mode_t kFileMode = 0640;

Result<int> open_target(const std::string& path) {
  const int descriptor =
      path == "-" ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
                  : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kFileMode);
  if (descriptor < 0) {
    return make_error(Errc::failed, "opening the access log " + path + ": " + std::strerror(errno),
                      "look at log.access in the configuration");
  }
  return descriptor;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Of one slot; its threads append, the writer swaps it away.
struct alignas(64) Buffer {
  std::mutex mutex;
  std::string lines;
  SecondText seconds;
};

}  // namespace

struct AccessLog::State {
  State(Options given, const Log& its_log) : options(std::move(given)), log(its_log) {}
  ~State() {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }

  void write_loop();
  void take_and_write();
  void reopen_file();

  Options options;
  Log log;
  int descriptor = -1;   // the writer's
  bool failing = false;  // the writer's
  std::array<Buffer, metrics::kSlots> buffers;
  std::string taken;  // the writer's
  std::atomic<std::uint64_t> dropped{0};

  std::mutex mutex;  // of what follows
  std::condition_variable wanted, written;
  bool wake = false, stopping = false, reopening = false;
  std::uint64_t flushes_wanted = 0, flushes_done = 0;
  std::thread writer;
};

void AccessLog::State::write_loop() {
  std::unique_lock lock(mutex);
  while (true) {
    wanted.wait_for(lock, options.flush_every, [this] { return wake || stopping || reopening; });
    wake = false;
    const bool last = stopping;
    const bool reopen_now = std::exchange(reopening, false);
    const std::uint64_t promise = flushes_wanted;
    lock.unlock();
    take_and_write();
    if (reopen_now) {
      reopen_file();
    }
    lock.lock();
    flushes_done = promise;
    written.notify_all();
    if (last) {
      return;
    }
  }
}

void AccessLog::State::take_and_write() {
  for (Buffer& buffer : buffers) {
    taken.clear();
    {
      const std::scoped_lock lock(buffer.mutex);
      taken.swap(buffer.lines);
    }
    if (write_all(descriptor, taken)) {
      failing = failing && taken.empty();
      continue;
    }
    const auto lost = static_cast<std::uint64_t>(std::count(taken.begin(), taken.end(), '\n'));
    dropped.fetch_add(lost, std::memory_order_relaxed);
    if (!std::exchange(failing, true)) {  // once, not every second of a full disk
      log.error("writing the access log failed, lines are dropped",
                {{"file", options.path}, {"error", std::strerror(errno)}});
    }
  }
}

void AccessLog::State::reopen_file() {
  Result<int> opened = open_target(options.path);
  if (!opened.ok()) {
    log.error("the access log stays in its old file", opened.error());
    return;
  }
  ::close(std::exchange(descriptor, *opened));
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(Options options, const Log& log) {
  auto state = std::make_unique<State>(std::move(options), log.named("access_log"));
  if (!state->options.path.empty()) {
    TRY(descriptor, open_target(state->options.path));
    state->descriptor = descriptor;
    state->writer = std::thread([raw = state.get()] { raw->write_loop(); });
  }
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(state)));
}

AccessLog::AccessLog(std::unique_ptr<State> state) : state_(std::move(state)) {}

AccessLog::~AccessLog() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
    state_->wanted.notify_one();
  }
  if (state_->writer.joinable()) {
    state_->writer.join();
  }
}

void AccessLog::write(const AccessRecord& record) {
  if (state_->options.path.empty()) {
    return;
  }
  Buffer& buffer = state_->buffers[metrics::thread_slot()];
  bool full = false;
  {
    const std::scoped_lock lock(buffer.mutex);
    const std::size_t before = buffer.lines.size();
    append_access_line(buffer.lines, record, buffer.seconds);
    if (buffer.lines.size() > state_->options.drop_bytes) {
      buffer.lines.resize(before);
      state_->dropped.fetch_add(1, std::memory_order_relaxed);
    }
    full =
        before < state_->options.flush_bytes && buffer.lines.size() >= state_->options.flush_bytes;
  }
  if (full) {
    const std::scoped_lock lock(state_->mutex);
    state_->wake = true;
    state_->wanted.notify_one();
  }
}

void AccessLog::reopen() {
  const std::scoped_lock lock(state_->mutex);
  state_->reopening = state_->options.path != "-";
  state_->wanted.notify_one();
}

void AccessLog::flush() {
  if (state_->options.path.empty()) {
    return;
  }
  std::unique_lock lock(state_->mutex);
  const std::uint64_t mine = ++state_->flushes_wanted;
  state_->wake = true;
  state_->wanted.notify_one();
  state_->written.wait(lock, [&] { return state_->flushes_done >= mine; });
}

std::uint64_t AccessLog::dropped_lines() const {
  return state_->dropped.load(std::memory_order_relaxed);
}

}  // namespace orama::gateway::middleware
