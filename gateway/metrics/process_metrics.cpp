#include "gateway/metrics/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/metrics/metrics.h"

namespace orama::gateway::metrics {

namespace {

using Samples = std::vector<Sample>;

Samples one(double value) {
  return {{{}, value}};
}

Samples cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  constexpr double kNanosecondsPerSecond = 1e9;
  return one(static_cast<double>(used.tv_sec) +
             static_cast<double>(used.tv_nsec) / kNanosecondsPerSecond);
}

// Second field of /proc/self/statm, in pages (proc(5)). Nothing when /proc is not there.
Samples resident_bytes() {
  std::ifstream file("/proc/self/statm");
  long total = 0;
  long resident = 0;
  if (!(file >> total >> resident)) {
    return {};
  }
  return one(static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

Samples open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  if (!folder) {
    return {};
  }
  int count = -3;  // ".", "..", and the descriptor that reads the folder
  while (readdir(folder.get()) != nullptr) {
    ++count;
  }
  return one(count);
}

Samples max_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return {};
  }
  return one(static_cast<double>(limit.rlim_cur));
}

// Boot time plus the 22nd field of /proc/self/stat, in clock ticks. The second field may hold
// spaces and ends with the last parenthesis.
Samples start_time() {
  std::ifstream stat_file("/proc/self/stat");
  std::string stat((std::istreambuf_iterator<char>(stat_file)), std::istreambuf_iterator<char>());
  std::ifstream boot_file("/proc/stat");
  double boot = 0;
  for (std::string word; boot == 0 && boot_file >> word;) {
    if (word == "btime") {
      boot_file >> boot;
    }
  }
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string field;
  constexpr int kStartTimeBehindName = 20;
  for (int i = 0; i < kStartTimeBehindName; ++i) {
    fields >> field;
  }
  if (!fields || boot == 0) {
    return {};
  }
  return one(boot + std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace

void add_build_info(Metrics& metrics, const std::string& version, const std::string& commit) {
  const Labels labels{{"version", version}, {"commit", commit}};
  metrics.gauge("orama_build_info", "Which build this is; always 1.",
                [labels] { return Samples{{labels, 1}}; });
}

void add_process_metrics(Metrics& metrics) {
  metrics.read_counter("process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
                       cpu_seconds);
  metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes.", resident_bytes);
  metrics.gauge("process_open_fds", "Number of open file descriptors.", open_descriptors);
  metrics.gauge("process_max_fds", "Maximum number of open file descriptors.", max_descriptors);
  // A process starts once: read now, told always.
  const Samples started = start_time();
  metrics.gauge("process_start_time_seconds",
                "Start of the process since the Unix epoch, in seconds.",
                [started] { return started; });
}

}  // namespace orama::gateway::metrics
