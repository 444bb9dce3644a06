#include "gateway/program.h"

#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <sys/resource.h>
#include <sys/stat.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "common/atomic_file.h"
#include "common/build_info.h"
#include "common/clock.h"
#include "common/config_reader.h"
#include "common/crypto/random.h"
#include "common/log.h"
#include "common/result.h"
#include "gateway/app.h"
#include "gateway/config.h"
#include "gateway/dev_node.h"

namespace orama::gateway {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

struct Arguments {
  std::string config = "/etc/orama/orama.yaml";
  bool check = false;
  bool show_config = false;
  bool dev = false;
  bool version = false;
  DevOptions dev_options;
};

int fail(const Error& error) {
  std::cerr << "orama-gateway: " << error.full_message() << '\n';
  if (!error.hint.empty()) {
    std::cerr << "  next: " << error.hint << '\n';
  }
  return kFailed;
}

int print_version() {
  const BuildInfo build = build_info();
  std::cout << "orama-gateway " << build.version << " (commit " << build.commit << ", built "
            << build.build_time << ")\n";
  return 0;
}

// ExecStartPre= of the unit: every problem at once, and warnings that stop nothing.
int check(const std::string& path) {
  auto config = load_config(path);
  if (!config.ok()) {
    return fail(config.error());
  }
  for (const std::string& warning : config_warnings(*config)) {
    std::cerr << path << ": warning: " << warning << '\n';
  }
  std::cout << path << ": ok\n";
  return 0;
}

// For `orama config show`: a JSON list of {key, value, origin}, defaults included. Holds no secret.
int show_config(const std::string& path) {
  auto text = read_file(path).while_doing("reading the configuration");
  if (!text.ok()) {
    return fail(text.error());
  }
  auto entries = config_entries(*text, path);
  if (!entries.ok()) {
    return fail(entries.error());
  }
  nlohmann::json list = nlohmann::json::array();
  for (const ConfigReader::Entry& entry : *entries) {
    list.push_back({{"key", entry.key}, {"value", entry.value}, {"origin", entry.origin}});
  }
  std::cout << list.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return 0;
}

// A connection is a file descriptor; the soft limit is 1,024 unless somebody raises it.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(
        setrlimit(RLIMIT_NOFILE, &limit));  // refused: the server takes fewer connections
  }
}

// Before the first thread: App waits for these signals, and no thread may be hit by them.
void block_signals() {
  sigset_t signals = App::signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int serve(App::Options options) {
  ::umask(::umask(0077) | 0027U);  // the registry's file, when embedded, is nobody else's
  block_signals();
  raise_file_limit();
  auto app = App::build(std::move(options));
  if (!app.ok()) {
    return fail(app.error());
  }
  if (auto ended = (*app)->run(); !ended.ok()) {
    return fail(ended.error());
  }
  return 0;
}

int serve_node(const std::string& path) {
  auto config = load_config(path);
  if (!config.ok()) {
    return fail(config.error());
  }
  Log log = Log::to_stderr(config->log_level);
  for (const std::string& warning : config_warnings(*config)) {
    log.warn(warning);
  }
  return serve(App::Options{std::move(*config), std::move(log), std::nullopt});
}

int serve_dev(const DevOptions& options) {
  crypto::SystemRandom random;
  const SystemClock clock;
  auto dev = prepare_dev_node(options, random, clock);
  if (!dev.ok()) {
    return fail(dev.error());
  }
  std::cerr << "orama-gateway " << build_info().version << ", a development node\n"
            << "  API    http://127.0.0.1:" << options.port << "   (try /v1/health)\n"
            << "  admin  " << dev->config.http.admin_socket << '\n'
            << "  data   " << dev->config.state_folder
            << "   (Ctrl-C stops, removing it begins anew)\n";
  Log log = Log::to_stderr(dev->config.log_level, LogFormat::text);
  return serve(App::Options{std::move(dev->config), std::move(log), std::move(dev->founding)});
}

void describe(CLI::App& cli, Arguments& arguments) {
  cli.name("orama-gateway");
  auto* config = cli.add_option("--config", arguments.config, "the node's configuration")
                     ->capture_default_str()
                     ->type_name("PATH");
  cli.add_flag("--check", arguments.check,
               "read the configuration, say every problem, exit 0 or 1");
  cli.add_flag("--show-config", arguments.show_config,
               "print every key with value and origin as JSON");
  auto* dev = cli.add_flag("--dev", arguments.dev, "a node for one developer: no root, no engines")
                  ->excludes(config);
  cli.add_option("--port", arguments.dev_options.port, "port on 127.0.0.1 (with --dev)")
      ->needs(dev)
      ->check(CLI::Range(1, 65535))
      ->type_name("N");
  cli.add_option("--data", arguments.dev_options.data_folder, "folder of its data (with --dev)")
      ->needs(dev)
      ->type_name("DIR");
  cli.add_flag("--version", arguments.version, "what was built");
}

}  // namespace

int run_program(int argc, char** argv) {
  Arguments arguments;
  CLI::App cli("The orama gateway: serves this node's part of the cluster's API.");
  describe(cli, arguments);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return cli.exit(help);
  } catch (const CLI::ParseError& error) {
    std::cerr << "orama-gateway: " << error.what() << "\n  see: orama-gateway --help\n";
    return kUsage;
  }
  if (arguments.version) {
    return print_version();
  }
  if (arguments.check) {
    return check(arguments.config);
  }
  if (arguments.show_config) {
    return show_config(arguments.config);
  }
  return arguments.dev ? serve_dev(arguments.dev_options) : serve_node(arguments.config);
}

}  // namespace orama::gateway
