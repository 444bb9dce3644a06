// logs: the node's journal, by becoming journalctl; with --json read and put into the envelope.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/output.h"
#include "cli/services.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/host/command_runner.h"

namespace orama::cli {
namespace {

using nlohmann::json;

constexpr int kMostLines = 100000;
constexpr std::size_t kRunnerLimit = 1024UL * 1024;  // of CommandRunner's output

Result<int> parse_lines(const std::string& text) {
  int lines = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lines);
  if (error != std::errc() || end != text.data() + text.size() || lines < 0 || lines > kMostLines) {
    return make_error(
        Errc::invalid_argument,
        "-n: found `" + text + "`, expected a number from 0 to " + std::to_string(kMostLines));
  }
  return lines;
}

// "15m" is how people say it; journalctl wants "-15m".
std::string since_text(const std::string& text) {
  const bool span = text.size() > 1 &&
                    std::string_view("smhd").find(text.back()) != std::string::npos &&
                    std::all_of(text.begin(), text.end() - 1,
                                [](unsigned char c) { return std::isdigit(c) != 0; });
  return span ? "-" + text : text;
}

std::vector<std::string> journal_command(const Arguments& arguments) {
  std::vector<std::string> argv = {"journalctl"};
  for (const Service& service : services()) {
    if (arguments.words.empty() ||
        find_service(arguments.words.front()).value_or(nullptr) == &service) {
      argv.push_back("--unit=" + std::string(service.unit));
    }
  }
  if (const auto since = arguments.text("--since")) {
    argv.push_back("--since=" + since_text(*since));
  }
  if (arguments.has("--lines") || !arguments.has("--since")) {
    argv.push_back("--lines=" + arguments.text("--lines").value_or("100"));
  }
  if (arguments.has("--follow")) {
    argv.emplace_back("--follow");
  }
  return argv;
}

std::string field(const json& entry, const char* name) {
  const auto found = entry.find(name);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

// journalctl writes an object a line; a message that is not UTF-8 comes as an array of bytes.
std::string message_of(const json& entry) {
  const auto found = entry.find("MESSAGE");
  if (found == entry.end() || !found->is_array()) {
    return field(entry, "MESSAGE");
  }
  std::string bytes;
  for (const json& byte : *found) {
    bytes.push_back(static_cast<char>(byte.is_number_unsigned() ? byte.get<unsigned>() : '?'));
  }
  return bytes;
}

std::string time_of(const json& entry) {
  const std::string text = field(entry, "__REALTIME_TIMESTAMP");
  long long micros = 0;
  std::from_chars(text.data(), text.data() + text.size(), micros);
  return format_rfc3339(WallTime(std::chrono::microseconds(micros)));
}

json parse_entries(const std::string& text) {
  json entries = json::array();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const json entry = json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                   text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (entry.is_object()) {
      entries.push_back({{"time", time_of(entry)},
                         {"unit", field(entry, "_SYSTEMD_UNIT")},
                         {"priority", field(entry, "PRIORITY")},
                         {"message", message_of(entry)}});
    }
    at = end + 1;
  }
  return entries;
}

Result<Report> collect(Session& session, std::vector<std::string> argv) {
  argv.insert(argv.end(),
              {"--no-pager", "--output=json", "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT"});
  TRY(text, installers::run_checked(session.host.commands, installers::Command(std::move(argv))));
  if (text.size() >= kRunnerLimit) {
    return make_error(Errc::too_large, "the log is over 1 MiB", "ask for less with -n or --since");
  }
  return Report{.data = {{"entries", parse_entries(text)}}};
}

}  // namespace

Result<void> check_logs(const Arguments& arguments) {
  TRY_VOID(check_service_name(arguments));
  if (const auto lines = arguments.text("--lines")) {
    TRY_VOID(parse_lines(*lines));
  }
  if (arguments.has("--follow") && arguments.has("--json")) {
    return make_error(Errc::invalid_argument,
                      "--follow never ends, --json prints one object: take one",
                      "journalctl --follow --output=json --unit=orama-gateway");
  }
  return {};
}

Result<Report> run_logs(Session& session, const Arguments& arguments) {
  std::vector<std::string> argv = journal_command(arguments);
  if (session.output.json()) {
    return collect(session, std::move(argv));
  }
  return session.become(argv);
}

}  // namespace orama::cli
