// UFW as the firewall step uses it: its rules as values, read from the files that UFW itself keeps
// them in (the "### tuple ###" lines of user.rules and user6.rules, which `ufw show added` prints
// from). Read there because the printed form shows a rule for IPv4 alone and one for both families
// alike, and hides the ports of an application profile. Rules are changed only by the `ufw`
// command; never `ufw reset`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/host.h"

namespace orama::installers {

enum class IpFamily { v4, v6 };
std::string_view to_string(IpFamily family);  // "IPv4", "IPv6"
IpFamily family_of(const mesh::IpAddress& address);

inline constexpr const char* kUfwRulesV4 = "/etc/ufw/user.rules";
inline constexpr const char* kUfwRulesV6 = "/etc/ufw/user6.rules";

// Of every rule that orama adds.
inline constexpr std::string_view kUfwTag = "orama";

struct UfwRule {
  IpFamily family = IpFamily::v4;
  std::string action;                // allow, deny, reject, limit (without _log)
  std::string protocol;              // tcp, udp, esp, …, any
  std::string to_ports, from_ports;  // "80,443", "10000:10999", any
  std::string to, from;              // address, range, any
  std::string interface;             // incoming; "" = all
  std::string comment;
  enum class Direction { in, out, routed } direction = Direction::in;

  bool covers_tcp(int port) const;  // to this port; "any" covers all
  bool names_port() const { return to_ports != "any"; }
  // Bound to a source, a source port, an interface or one address of this host.
  bool is_bound() const;
  bool is_ours() const { return comment == kUfwTag; }
  std::string to_string() const;  // for people: "deny in on eth0 to any port 22"
  bool operator==(const UfwRule&) const = default;
};

// The rules of one file, in order. Lines that are no tuple are skipped; a tuple that is not
// understood is an error: what it does to SSH is unknown.
Result<std::vector<UfwRule>> parse_ufw_rules(std::string_view text, IpFamily family);
// Both files. No file: no rules.
Result<std::vector<UfwRule>> read_ufw_rules(Files& files);

// A rule that orama wants: incoming, for both families.
struct WantedRule {
  std::string protocol;   // tcp, udp, any
  std::string ports;      // as UFW writes them: ascending, "80,443"
  std::string interface;  // "" = all

  std::string to_string() const;  // "allow 80,443/tcp": the change's target
  static Result<WantedRule> parse(std::string_view text);
  // After `ufw` or `ufw delete`.
  std::vector<std::string> arguments() const;
  // The same traffic, whatever the action and comment: UFW replaces one by the other.
  bool same_traffic(const UfwRule& rule) const;
};

// False: off, also when it is only not loaded yet.
Result<bool> ufw_is_active(CommandRunner& commands);
Result<void> ufw_add(CommandRunner& commands, const WantedRule& rule);
// Deletes what has this traffic and action; the caller has seen that it is ours.
Result<void> ufw_delete(CommandRunner& commands, const WantedRule& rule);
Result<void> ufw_enable(CommandRunner& commands);
Result<void> ufw_disable(CommandRunner& commands);
// IPV6=no in /etc/default/ufw: UFW then drops all IPv6 but the loopback's.
Result<bool> ufw_filters_v6_by_rules(Files& files);

}  // namespace orama::installers
