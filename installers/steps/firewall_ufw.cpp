#include "installers/steps/firewall_ufw.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "common/crypto/encoding.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/files.h"

namespace orama::installers {
namespace {

constexpr std::string_view kTuple = "### tuple ### ";
constexpr const char* kDefaults = "/etc/default/ufw";

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) {
      parts.push_back(text.substr(0, end));
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool list_contains(std::string_view ports, int port) {
  for (const std::string_view item : split(ports, ',')) {
    const std::size_t colon = item.find(':');
    const std::optional<int> low = number(item.substr(0, colon));
    const std::optional<int> high =
        colon == std::string_view::npos ? low : number(item.substr(colon + 1));
    if (low && high && *low <= port && port <= *high) {
      return true;
    }
  }
  return false;
}

std::string any_address(std::string_view text) {
  return text == "0.0.0.0/0" || text == "::/0" ? "any" : std::string(text);
}

// "in", "in_eth0", "out", "in_eth0!out_eth1": direction and incoming interface.
bool read_direction(std::string_view field, UfwRule& rule) {
  const std::string_view first = field.substr(0, field.find('!'));
  if (first == "out" || first.starts_with("out_")) {
    rule.direction = UfwRule::Direction::out;
    return true;
  }
  if (first.starts_with("in_")) {
    rule.interface = first.substr(3);
    return true;
  }
  return first == "in";
}

bool read_action(std::string_view field, UfwRule& rule) {
  constexpr std::string_view kRoute = "route:";
  if (field.starts_with(kRoute)) {
    rule.direction = UfwRule::Direction::routed;
    field.remove_prefix(kRoute.size());
  }
  rule.action = field.substr(0, field.find('_'));
  static constexpr std::string_view kActions[] = {"allow", "deny", "reject", "limit"};
  return std::find(std::begin(kActions), std::end(kActions), rule.action) != std::end(kActions);
}

bool read_comment(std::string_view field, UfwRule& rule) {
  constexpr std::string_view kComment = "comment=";
  if (!field.starts_with(kComment)) {
    return false;
  }
  const Result<std::string> text = crypto::from_hex(field.substr(kComment.size()));
  if (text.ok()) {
    rule.comment = text.value();
  }
  return text.ok();
}

// action proto dport dst sport src [dapp sapp] direction [comment=hex]; files of UFW before 0.34
// have no direction.
bool read_tuple(std::string_view text, UfwRule& rule) {
  std::vector<std::string_view> fields = split(text, ' ');
  if (!fields.empty() && fields.back().starts_with("comment=")) {
    if (!read_comment(fields.back(), rule)) {
      return false;
    }
    fields.pop_back();
  }
  if (fields.size() < 6 || fields.size() > 9 || !read_action(fields[0], rule)) {
    return false;
  }
  rule.protocol = fields[1];
  rule.to_ports = fields[2];
  rule.to = any_address(fields[3]);
  rule.from_ports = fields[4];
  rule.from = any_address(fields[5]);
  const bool has_direction = fields.size() == 7 || fields.size() == 9;
  const UfwRule::Direction by_action = rule.direction;
  if (has_direction && !read_direction(fields.back(), rule)) {
    return false;
  }
  if (by_action == UfwRule::Direction::routed) {
    rule.direction = by_action;
  }
  return true;
}

Result<void> append_rules(Files& files, const char* path, IpFamily family,
                          std::vector<UfwRule>& rules) {
  const Result<std::string> text = files.read(path);
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? Result<void>() : Result<void>(text.error());
  }
  TRY(parsed, parse_ufw_rules(text.value(), family).while_doing(std::string("reading ") + path));
  rules.insert(rules.end(), parsed.begin(), parsed.end());
  return {};
}

Result<void> run_ufw(CommandRunner& commands, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ufw");
  const Result<std::string> out = run_checked(commands, Command(std::move(arguments)));
  return out.ok() ? Result<void>() : Result<void>(out.error());
}

}  // namespace

std::string_view to_string(IpFamily family) {
  return family == IpFamily::v4 ? "IPv4" : "IPv6";
}

IpFamily family_of(const mesh::IpAddress& address) {
  return address.is_v4() ? IpFamily::v4 : IpFamily::v6;
}

bool UfwRule::covers_tcp(int port) const {
  return direction == Direction::in && (protocol == "tcp" || protocol == "any") &&
         (to_ports == "any" || list_contains(to_ports, port));
}

bool UfwRule::is_bound() const {
  return !interface.empty() || from != "any" || from_ports != "any" || to != "any";
}

std::string UfwRule::to_string() const {
  std::string text = action;
  if (!interface.empty()) {
    text += " in on " + interface;
  }
  if (from != "any" || from_ports != "any") {
    text += " from " + from + (from_ports == "any" ? "" : " port " + from_ports);
  }
  text += " to " + to + (to_ports == "any" ? "" : " port " + to_ports);
  return text + (protocol == "any" ? "" : " proto " + protocol);
}

Result<std::vector<UfwRule>> parse_ufw_rules(std::string_view text, IpFamily family) {
  std::vector<UfwRule> rules;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(kTuple)) {
      continue;
    }
    UfwRule rule;
    rule.family = family;
    if (!read_tuple(line.substr(kTuple.size()), rule)) {
      return make_error(Errc::failed,
                        "UFW's rule \"" + std::string(line.substr(kTuple.size())) +
                            "\" is not understood; expected action, protocol, ports and addresses",
                        "see `ufw show added`");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<std::vector<UfwRule>> read_ufw_rules(Files& files) {
  std::vector<UfwRule> rules;
  TRY_VOID(append_rules(files, kUfwRulesV4, IpFamily::v4, rules));
  TRY_VOID(append_rules(files, kUfwRulesV6, IpFamily::v6, rules));
  return rules;
}

std::string WantedRule::to_string() const {
  std::string text = "allow";
  for (const std::string& argument : arguments()) {
    if (argument != "allow") {
      text += ' ' + argument;
    }
  }
  return text;
}

std::vector<std::string> WantedRule::arguments() const {
  const std::string suffix = protocol == "any" ? "" : "/" + protocol;
  if (interface.empty()) {
    return {"allow", ports + suffix};
  }
  return {"allow", "in", "on", interface, "to", "any", "port", ports, "proto", protocol};
}

Result<WantedRule> WantedRule::parse(std::string_view text) {
  const std::vector<std::string_view> words = split(text, ' ');
  WantedRule rule;
  if (words.size() == 2) {
    const std::size_t slash = words[1].find('/');
    rule.ports = words[1].substr(0, slash);
    rule.protocol = slash == std::string_view::npos ? "any" : words[1].substr(slash + 1);
  } else if (words.size() == 10) {
    rule = {std::string(words[9]), std::string(words[7]), std::string(words[3])};
  }
  if (rule.ports.empty() || rule.to_string() != text) {
    return make_error(Errc::failed, "\"" + std::string(text) + "\" is no firewall rule of orama");
  }
  return rule;
}

bool WantedRule::same_traffic(const UfwRule& rule) const {
  return rule.direction == UfwRule::Direction::in && rule.protocol == protocol &&
         rule.to_ports == ports && rule.interface == interface && rule.from == "any" &&
         rule.from_ports == "any" && rule.to == "any";
}

Result<bool> ufw_is_active(CommandRunner& commands) {
  TRY(out, run_checked(commands, Command({"ufw", "status"})));
  if (out.starts_with("Status: active")) {
    return true;
  }
  if (out.starts_with("Status: inactive")) {
    return false;
  }
  return make_error(Errc::failed, "`ufw status` said \"" + out.substr(0, out.find('\n')) +
                                      "\", expected \"Status: active\" or \"Status: inactive\"");
}

Result<void> ufw_add(CommandRunner& commands, const WantedRule& rule) {
  std::vector<std::string> arguments = rule.arguments();
  arguments.insert(arguments.end(), {"comment", std::string(kUfwTag)});
  return run_ufw(commands, std::move(arguments));
}

Result<void> ufw_delete(CommandRunner& commands, const WantedRule& rule) {
  std::vector<std::string> arguments = rule.arguments();
  arguments.insert(arguments.begin(), {"--force", "delete"});
  return run_ufw(commands, std::move(arguments));
}

Result<void> ufw_enable(CommandRunner& commands) {
  return run_ufw(commands, {"--force", "enable"});
}

Result<void> ufw_disable(CommandRunner& commands) {
  return run_ufw(commands, {"--force", "disable"});
}

Result<bool> ufw_filters_v6_by_rules(Files& files) {
  TRY(text, files.read(kDefaults));
  bool on = true;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with("IPV6=")) {
      on = line.find("yes") != std::string_view::npos;
    }
  }
  return on;
}

}  // namespace orama::installers
