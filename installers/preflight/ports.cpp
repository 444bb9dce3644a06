#include "installers/preflight/ports.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"
#include "installers/host/systemd.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/preflight/finding.h"
#include "installers/preflight/interfaces.h"
#include "installers/preflight/listening_sockets.h"
#include "installers/preflight/preflight.h"

namespace orama::installers {
namespace {

// Which other listeners are in the way: one on any address always is.
enum class Where {
  everywhere,      // orama binds any address: a listener on one address is in the way too
  public_address,  // loopback resolvers (127.0.0.53) may stay
  mesh,
  loopback,
  mesh_and_loopback,
};

struct NeededPort {
  std::string_view protocol;
  int port;
  Where where;
};

std::vector<NeededPort> needed_ports(const NodeSpec& spec) {
  std::vector<NeededPort> ports = {
      {"tcp", 80, Where::everywhere},
      {"tcp", 443, Where::everywhere},
      {"udp", paths::kWireguardPort, Where::everywhere},
      {"tcp", paths::kGatewayPort, Where::mesh_and_loopback},
      {"tcp", paths::kLinkPort, Where::mesh},
      {"tcp", paths::kRqliteHttpPort, Where::mesh},
      {"tcp", paths::kRqliteRaftPort, Where::mesh},
      {"tcp", paths::kDatabaseHttpPort, Where::mesh},
      {"tcp", paths::kDatabaseRaftPort, Where::mesh},
      {"tcp", paths::kOlricPort, Where::mesh},
      {"tcp", paths::kOlricMemberPort, Where::mesh},
      {"udp", paths::kOlricMemberPort, Where::mesh},
      {"tcp", paths::kIpfsSwarmPort, Where::mesh},
      {"tcp", paths::kIpfsRpcPort, Where::loopback},
      {"tcp", paths::kIpfsClusterRestPort, Where::mesh},
      {"tcp", paths::kIpfsClusterSwarmPort, Where::mesh},
  };
  if (spec.nameserver) {
    ports.push_back({"tcp", 53, Where::public_address});
    ports.push_back({"udp", 53, Where::public_address});
  }
  return ports;
}

bool in_the_way(const NeededPort& needed, const ListeningSocket& socket, const NodeSpec& spec) {
  if (socket.protocol != needed.protocol || socket.port != needed.port) {
    return false;
  }
  if (socket.any_address()) {
    return true;
  }
  switch (needed.where) {
    case Where::everywhere:
      return true;
    case Where::public_address:
      return socket.address == spec.public_address.to_string();
    case Where::mesh:
      return socket.address == spec.mesh_ip.to_string();
    case Where::loopback:
      return socket.address == "127.0.0.1";
    case Where::mesh_and_loopback:
      return socket.address == spec.mesh_ip.to_string() || socket.address == "127.0.0.1";
  }
  return true;
}

// What runs already as a part of this node, or as Caddy's package starts it.
struct OwnSockets {
  std::set<int> pids;
  bool gateway_socket = false;  // systemd itself holds 6001 and 6002
  bool mesh_interface = false;  // the kernel holds WireGuard's port

  bool holds(const ListeningSocket& socket) const {
    if (socket.port == paths::kWireguardPort && socket.owners.empty()) {
      return mesh_interface;
    }
    return std::any_of(socket.owners.begin(), socket.owners.end(), [&](const auto& owner) {
      return pids.contains(owner.pid) ||
             (owner.pid == 1 && gateway_socket &&
              (socket.port == paths::kGatewayPort || socket.port == paths::kLinkPort));
    });
  }
};

OwnSockets own_sockets(Host& host) {
  OwnSockets own;
  const auto states = host.systemd.states(
      {paths::kCaddyUnit, paths::kGatewayUnit, paths::kRqliteUnit, paths::kDatabaseUnit,
       paths::kOlricUnit, paths::kIpfsUnit, paths::kIpfsClusterUnit, paths::kWireguardUnit,
       paths::kAgentUnit, paths::kGatewaySocketUnit});
  if (states.ok()) {
    for (const UnitState& state : *states) {
      if (state.main_pid > 0) {
        own.pids.insert(state.main_pid);
      }
      own.gateway_socket |= state.name == paths::kGatewaySocketUnit && state.is_active();
    }
  }
  const auto addresses = interface_addresses(host.commands);
  own.mesh_interface =
      addresses.ok() && std::any_of(addresses->begin(), addresses->end(), [](const auto& address) {
        return address.interface == paths::kMeshInterface;
      });
  return own;
}

// "nginx.service" from the last part of a process' cgroup path; "" when it runs in no service.
std::string unit_of(Host& host, int pid) {
  auto text = host.files.read("/proc/" + std::to_string(pid) + "/cgroup");
  if (!text.ok()) {
    return "";
  }
  const std::size_t end = text->find(".service");
  const std::size_t slash = end == std::string::npos ? end : text->rfind('/', end);
  return slash == std::string::npos ? "" : text->substr(slash + 1, end + 8 - slash - 1);
}

std::string holder_of(const ListeningSocket& socket) {
  if (socket.owners.empty()) {
    return "the kernel or another user's program";
  }
  return socket.owners.front().program + " (process " + std::to_string(socket.owners.front().pid) +
         ")";
}

std::string fix_for(Host& host, const std::set<int>& pids) {
  std::string fix;
  for (const int pid : pids) {
    const std::string unit = unit_of(host, pid);
    fix +=
        (fix.empty() ? "" : " ") + (unit.empty() ? "Stop process " + std::to_string(pid) + "."
                                                 : "Run `systemctl disable --now " + unit + "`.");
  }
  return fix.empty() ? "Find out with `ss -tulpn`, and stop what holds them." : fix;
}

struct Taken {
  std::set<std::string> ports;  // "443/tcp is held by nginx (process 812)"
  std::set<int> pids;
};

Taken taken_ports(CheckContext& context, const std::vector<NeededPort>& needed,
                  const std::vector<ListeningSocket>& sockets) {
  const OwnSockets own = own_sockets(context.host);
  Taken taken;
  for (const ListeningSocket& socket : sockets) {
    const bool wanted = std::any_of(needed.begin(), needed.end(), [&](const NeededPort& port) {
      return in_the_way(port, socket, context.spec);
    });
    if (!wanted || own.holds(socket)) {
      continue;
    }
    taken.ports.insert(std::to_string(socket.port) + "/" + socket.protocol + " is held by " +
                       holder_of(socket));
    if (!socket.owners.empty()) {
      taken.pids.insert(socket.owners.front().pid);
    }
  }
  return taken;
}

}  // namespace

std::vector<int> mesh_ports(const NodeSpec& spec) {
  std::vector<int> ports;
  for (const NeededPort& needed : needed_ports(spec)) {
    if (needed.protocol == "tcp" &&
        (needed.where == Where::mesh || needed.where == Where::mesh_and_loopback)) {
      ports.push_back(needed.port);
    }
  }
  return ports;
}

Finding check_ports(CheckContext& context) {
  std::string wanted;
  const std::vector<NeededPort> needed = needed_ports(context.spec);
  for (const NeededPort& port : needed) {
    wanted += (wanted.empty() ? "free: " : ", ") + std::to_string(port.port) + "/" +
              std::string(port.protocol);
  }
  const auto output = run_checked(context.host.commands, Command({"ss", "-H", "-tulpn"}));
  if (!output.ok()) {
    return cannot_tell(output.error().message, wanted);
  }
  const Taken taken = taken_ports(context, needed, parse_listening_sockets(*output));
  if (taken.ports.empty()) {
    return passed("all free, or this node's own", wanted);
  }
  std::string observed;
  for (const std::string& text : taken.ports) {
    observed += (observed.empty() ? "" : "; ") + text;
  }
  if (taken.pids.empty() && !is_root(context.host)) {
    return cannot_tell(observed + " (only root sees by whom)", wanted);
  }
  return failed(observed, wanted, fix_for(context.host, taken.pids));
}

}  // namespace orama::installers
