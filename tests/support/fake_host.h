// A host in memory for the installers' tests: files, processes, systemd, HTTP, time and randomness,
// each behind the seam that the product uses. Nothing of the machine is touched. Safe from several
// threads, as the plan's workers need. What a test does not script does not exist: no such file,
// program or unit.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"

namespace orama::tests {

class FakeFiles final : public installers::Files {
 public:
  FakeFiles();  // with the folders that every host has

  Result<std::optional<installers::FileStatus>> status(const std::string& path) override;
  Result<std::string> read(const std::string& path) override;
  Result<void> write(const std::string& path, std::string_view content,
                     const installers::FileOwnership& ownership) override;
  Result<void> make_directory(const std::string& path,
                              const installers::FileOwnership& ownership) override;
  Result<void> remove_file(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<void> remove_tree(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;

  // Puts a thing there as somebody else would: makes the folders above it, counts as no write.
  void put(const std::string& path, std::string content,
           const installers::FileOwnership& ownership = {});
  void put_directory(const std::string& path, const installers::FileOwnership& ownership = {0755});
  void put_other(const std::string& path, installers::FileKind kind);  // a device, a symlink
  bool exists(const std::string& path) const;
  std::string content(const std::string& path) const;  // "" when absent

  // Every write to `path` fails so, until cleared by an empty function.
  void fail_writes(const std::string& path, std::optional<Error> error);
  std::size_t writes() const;  // changes made through the seam so far
  // "path mode owner:group content" lines of all under `prefix`, to compare states.
  std::string snapshot(const std::vector<std::string>& ignored_prefixes = {}) const;

 private:
  struct Node {
    installers::FileStatus status;
    std::string content;
  };
  Result<void> check_parent(const std::string& path) const;
  void put_parents(const std::string& path);

  mutable std::mutex mutex_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, Error> failing_;
  std::size_t writes_ = 0;
};

// Units as systemd would hold them.
struct FakeUnit {
  std::string load = "loaded", active = "inactive", enabled = "disabled", result = "success";
  int main_pid = 0;
  int starts = 0, restarts = 0, reloads = 0, stops = 0;
  bool fails_to_start = false;
  std::function<void()> on_run;  // at each start, restart and reload: what a daemon reads then
};

class FakeCommands final : public installers::CommandRunner {
 public:
  using Handler = std::function<Result<installers::CommandOutput>(const installers::Command&)>;

  Result<installers::CommandOutput> run(const installers::Command& command) override;

  // Commands whose text begins with `prefix`; the longest prefix wins.
  void on(const std::string& prefix, Handler handler);
  void on(const std::string& prefix, std::string out, int exit_status = 0, std::string err = "");
  void add_unit(const std::string& name, FakeUnit unit = {});
  FakeUnit& unit(const std::string& name);  // asserts that it exists
  // "name active enabled" lines, to compare states.
  std::string unit_snapshot() const;

  std::vector<std::string> calls() const;
  std::size_t count(const std::string& prefix) const;  // calls that begin with it
  void forget_calls();

 private:
  installers::CommandOutput systemctl(const std::vector<std::string>& arguments);
  installers::CommandOutput change_unit(const std::string& verb, const std::string& name);
  std::string describe_unit(const std::string& name) const;

  mutable std::recursive_mutex mutex_;
  std::map<std::string, Handler> handlers_;
  std::map<std::string, FakeUnit> units_;
  std::vector<std::string> calls_;
};

class FakeHttp final : public HttpClient {
 public:
  using Handler = std::function<Result<HttpResponse>(const HttpRequest&)>;
  Result<HttpResponse> send(const HttpRequest& request) override;
  void on_request(Handler handler);  // without one nothing answers
  std::vector<HttpRequest> requests() const;

 private:
  mutable std::mutex mutex_;
  Handler handler_;
  std::vector<HttpRequest> requests_;
};

// Begins at 2026-11-24T12:00:00Z; sleeping is what moves it.
class FakeClock final : public Clock {
 public:
  WallTime wall_now() const override;
  SteadyTime steady_now() const override;
  void sleep_for(std::chrono::milliseconds duration) override;

 private:
  mutable std::mutex mutex_;
  std::chrono::milliseconds elapsed_{0};
};

// Counts up: the same bytes in every run, never the same twice in one.
class FixedRandom final : public crypto::Random {
 public:
  std::string bytes(std::size_t count) override;

 private:
  std::mutex mutex_;
  unsigned next_ = 1;
};

struct FakeHost {
  FakeFiles files;
  FakeCommands commands;
  installers::Systemctl systemd{commands};
  FakeHttp http;
  FakeClock clock;
  FixedRandom random;
  installers::Host host{commands, files, systemd, http, clock, random};
};

}  // namespace orama::tests
