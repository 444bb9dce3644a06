#include "installers/preflight/access_checks.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"
#include "installers/preflight/finding.h"
#include "installers/preflight/preflight.h"

namespace orama::installers {
namespace {

constexpr const char* kNotAsked = "the firewall is left alone (--skip-firewall)";

std::optional<std::string> answer(Host& host, std::vector<std::string> argv) {
  const auto output = host.commands.run(Command(std::move(argv)));
  return output.ok() && output->ok() ? std::optional<std::string>(output->out) : std::nullopt;
}

// Tables of nftables that neither iptables (by which UFW works) nor firewalld made.
std::set<std::string> foreign_tables(const std::string& listing) {
  constexpr std::array<std::string_view, 5> kIptables = {"filter", "nat", "mangle", "raw",
                                                         "security"};
  std::set<std::string> result;
  std::istringstream lines(listing);
  std::string word;
  std::string family;
  std::string name;
  while (lines >> word >> family >> name) {
    const bool of_iptables = (family == "ip" || family == "ip6") &&
                             std::find(kIptables.begin(), kIptables.end(), name) != kIptables.end();
    if (word == "table" && !of_iptables && name != "firewalld") {
      family.append(" ").append(name);
      result.insert(family);
    }
  }
  return result;
}

}  // namespace

Finding check_ssh(CheckContext& context) {
  const std::string wanted = "the ports of sshd are known, so that the firewall leaves them open";
  const auto output = context.host.commands.run(Command({"sshd", "-T"}));
  if (!output.ok()) {
    return cannot_tell(output.error().code == Errc::not_found ? "there is no sshd on this host"
                                                              : output.error().message,
                       wanted);
  }
  std::string ports;
  std::istringstream lines(output->out);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.starts_with("port ")) {
      ports += (ports.empty() ? "" : ", ") + line.substr(5);
    }
  }
  if (output->ok() && !ports.empty()) {
    return passed("sshd uses port " + ports, wanted);
  }
  if (!is_root(context.host)) {
    return cannot_tell("only root may ask sshd", wanted);
  }
  return failed("`sshd -T` names no port: " + output->err.substr(0, output->err.find('\n')), wanted,
                "Run `sshd -T` and repair what it reports; until then only the ports that sshd "
                "listens on now are left open.");
}

Finding check_firewalld(CheckContext& context) {
  const std::string wanted = "no firewalld beside UFW";
  if (!context.spec.firewall) {
    return passed(kNotAsked, wanted);
  }
  const auto state = context.host.systemd.state("firewalld.service");
  if (!state.ok()) {
    return cannot_tell(state.error().message, wanted);
  }
  return state->is_active()
             ? failed(
                   "firewalld is active: it would go on dropping what UFW lets in", wanted,
                   "Run `systemctl disable --now firewalld`, or keep it and give --skip-firewall "
                   "(then open 80, 443 and 51820/udp in it).")
             : passed("firewalld is not active", wanted);
}

Finding check_firewall(CheckContext& context) {
  const std::string wanted = "no firewall rules but UFW's";
  if (!context.spec.firewall) {
    return passed(kNotAsked, wanted);
  }
  const auto tables = answer(context.host, {"nft", "list", "tables"});
  const auto rules = answer(context.host, {"iptables", "-S"});
  if (!tables && !rules) {
    return cannot_tell("neither `nft` nor `iptables` answers", wanted);
  }
  std::string observed;
  std::string fix;
  for (const std::string& table : foreign_tables(tables.value_or(""))) {
    observed += (observed.empty() ? "nftables table " : ", ") + table;
  }
  if (!observed.empty()) {
    fix =
        "Those tables stay, and what they drop stays dropped: let 80, 443 and 51820/udp pass "
        "there.";
  }
  if (rules && rules->find("-N DOCKER") != std::string::npos) {
    observed += std::string(observed.empty() ? "" : "; ") + "Docker's chains";
    fix += std::string(fix.empty() ? "" : " ") +
           "Docker's chains stay: a port that a container publishes is reachable past UFW; publish "
           "it on 127.0.0.1 where that is not wanted.";
  }
  return observed.empty() ? passed("none", wanted) : failed(observed, wanted, fix);
}

}  // namespace orama::installers
