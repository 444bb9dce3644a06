#include "installers/preflight/network_checks.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/preflight/finding.h"
#include "installers/preflight/interfaces.h"
#include "installers/preflight/preflight.h"

namespace orama::installers {
namespace {

std::string join(const std::set<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) {
    result += (result.empty() ? "" : ", ") + text;
  }
  return result;
}

// A range in use, and by what, for people.
struct UsedRange {
  mesh::Cidr range;
  std::string by;
};

Result<std::vector<UsedRange>> used_ranges(CommandRunner& commands) {
  TRY(addresses, interface_addresses(commands));
  TRY(routes, ipv4_routes(commands));
  std::vector<UsedRange> used;
  for (const InterfaceAddress& entry : addresses) {
    auto range = range_of(entry.address, entry.prefix);
    if (range.ok() && entry.interface != paths::kMeshInterface) {
      used.push_back({*range, entry.interface + " has " + entry.address.to_string() + "/" +
                                  std::to_string(entry.prefix)});
    }
  }
  for (const Route& route : routes) {
    if (route.interface != paths::kMeshInterface) {
      used.push_back(
          {route.destination, "there is a route to " + route.destination.to_string() +
                                  (route.interface.empty() ? "" : " by " + route.interface)});
    }
  }
  return used;
}

std::string free_range(const std::vector<UsedRange>& used) {
  for (const char* text : {"10.0.0.0/24", "10.77.0.0/24", "172.29.77.0/24", "192.168.177.0/24"}) {
    const auto range = mesh::Cidr::parse(text);
    if (range.ok() && std::none_of(used.begin(), used.end(), [&](const UsedRange& other) {
          return other.range.overlaps(*range);
        })) {
      return text;
    }
  }
  return "RANGE";
}

// A cluster's range is the same on all of its nodes.
std::string range_fix(const NodeSpec& spec, const std::vector<UsedRange>& used) {
  return spec.joins()
             ? "The cluster's range cannot change: take that address or route off this host, then "
               "type the same command again; the redemption waits for it for 15 minutes."
             : "Choose another range: --mesh-cidr " + free_range(used);
}

// `ip route get` asks the kernel's tables; no packet is sent.
Result<mesh::IpAddress> source_address(CommandRunner& commands, const char* family,
                                       const char* destination) {
  TRY(text, run_checked(commands, Command({"ip", "-j", family, "route", "get", destination})));
  try {
    return mesh::IpAddress::parse(nlohmann::json::parse(text).at(0).value("prefsrc", ""));
  } catch (const nlohmann::json::exception& error) {
    return make_error(Errc::failed,
                      std::string("the answer of `ip route get` cannot be read: ") + error.what());
  }
}

}  // namespace

Finding check_public_address(CheckContext& context) {
  const std::string wanted =
      context.spec.public_address.to_string() + " on an interface of this host";
  const auto addresses = interface_addresses(context.host.commands);
  if (!addresses.ok()) {
    return cannot_tell(addresses.error().message, wanted);
  }
  std::set<std::string> others;
  for (const InterfaceAddress& entry : *addresses) {
    if (entry.address == context.spec.public_address) {
      return passed("on " + entry.interface, wanted);
    }
    if (!entry.address.is_loopback() && !entry.address.is_link_local()) {
      others.insert(entry.address.to_string());
    }
  }
  return failed(
      "on none; this host has " + (others.empty() ? "no address" : join(others)), wanted,
      "Where the provider translates the address (NAT), let it pass 80, 443 and 51820/udp "
      "to this host; else correct --vps-ip.");
}

Finding check_domain(CheckContext& context) {
  const std::string& domain = context.spec.domain;
  const std::string address = context.spec.public_address.to_string();
  const std::string wanted = domain + " resolves to " + address;
  const std::string fix = std::string("Create the DNS record: ") + domain + ". " +
                          (context.spec.public_address.is_v4() ? "A " : "AAAA ") + address;
  Command command({"getent", "ahosts", domain});
  command.timeout = std::chrono::seconds(10);
  const auto output = context.host.commands.run(command);
  if (!output.ok()) {
    return cannot_tell("no answer from the name servers: " + output.error().message, wanted);
  }
  if (output->exit_status == 2) {
    return failed("it does not resolve", wanted, fix);
  }
  if (!output->ok()) {
    return cannot_tell("`getent` ended with status " + std::to_string(output->exit_status), wanted);
  }
  std::set<std::string> found;
  std::istringstream lines(output->out);
  std::string line;
  while (std::getline(lines, line)) {
    found.insert(line.substr(0, line.find(' ')));
  }
  return found.contains(address) ? passed("it does", wanted)
                                 : failed("it resolves to " + join(found), wanted, fix);
}

Finding check_mesh_range(CheckContext& context) {
  const mesh::Cidr& range = context.spec.mesh_cidr;
  const std::string wanted = range.to_string() + " overlaps no address and no route of this host";
  const auto used = used_ranges(context.host.commands);
  if (!used.ok()) {
    return cannot_tell(used.error().message, wanted);
  }
  for (const UsedRange& other : *used) {
    if (other.range.overlaps(range)) {
      return failed(other.by, wanted, range_fix(context.spec, *used));
    }
  }
  return passed("it overlaps none", wanted);
}

Result<mesh::IpAddress> detect_public_address(CommandRunner& commands) {
  std::string seen;
  for (const auto& [family, destination] :
       {std::pair("-4", "1.1.1.1"), std::pair("-6", "2606:4700:4700::1111")}) {
    const auto address = source_address(commands, family, destination);
    if (address.ok() && address->is_public()) {
      return *address;
    }
    if (address.ok()) {
      seen += (seen.empty() ? "" : " and ") + address->to_string();
    }
  }
  return make_error(Errc::invalid_argument,
                    "--vps-ip auto found no public address: this host sends from " +
                        (seen.empty() ? "no address, for it has no default route" : seen),
                    "Give the address by which others reach this host: --vps-ip ADDRESS");
}

}  // namespace orama::installers
