#include "installers/host/mesh_interface.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/path_mtu.h"

namespace orama::installers {
namespace {

using nlohmann::json;

constexpr int kWireguardOverhead = 80;  // IPv6 40 + UDP 8 + WireGuard 32
constexpr int kUsualPathMtu = 1500;

Result<json> parse_array(std::string_view text) {
  json parsed = json::parse(text.empty() ? std::string_view("[]") : text, nullptr, false);
  if (!parsed.is_array()) {
    return make_error(Errc::failed, "`ip -json` printed something that is no JSON list");
  }
  return parsed;
}

int number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int>() : 0;
}

bool has_flag(const json& link, const char* flag) {
  const auto flags = link.find("flags");
  return flags != link.end() && flags->is_array() &&
         std::find(flags->begin(), flags->end(), json(flag)) != flags->end();
}

Result<int> link_mtu(CommandRunner& commands, const std::string& device) {
  TRY(text, run_checked(commands, Command({"ip", "-json", "link", "show", "dev", device})));
  TRY(links, parse_array(text));
  for (const json& link : links) {
    if (link.is_object() && text_of(link, "ifname") == device) {
      return number_of(link, "mtu");
    }
  }
  return make_error(Errc::not_found,
                    "`ip link` does not list " + device + ", by which a default route leaves");
}

Result<void> set_addresses(CommandRunner& commands, const std::string& name,
                           const std::string& wanted, const std::vector<std::string>& present,
                           bool& changed) {
  if (std::find(present.begin(), present.end(), wanted) == present.end()) {
    TRY_VOID(run_checked(commands, Command({"ip", "address", "replace", wanted, "dev", name})));
    changed = true;
  }
  for (const std::string& address : present) {
    if (address != wanted) {
      TRY_VOID(run_checked(commands, Command({"ip", "address", "delete", address, "dev", name})));
      changed = true;
    }
  }
  return {};
}

}  // namespace

Result<MeshInterfaceState> parse_ip_address_json(std::string_view text) {
  TRY(links, parse_array(text));
  MeshInterfaceState state;
  for (const json& link : links) {
    if (!link.is_object() || !link.contains("ifname")) {
      continue;  // iproute2 5.x prints {} for links that a filter left out
    }
    state.present = true;
    state.up = has_flag(link, "UP");
    state.mtu = number_of(link, "mtu");
    if (const auto info = link.find("linkinfo"); info != link.end() && info->is_object()) {
      state.kind = text_of(*info, "info_kind");
    }
    const auto addresses = link.find("addr_info");
    if (addresses == link.end() || !addresses->is_array()) {
      continue;
    }
    for (const json& address : *addresses) {
      if (address.is_object() && text_of(address, "family") == "inet") {
        state.addresses.push_back(text_of(address, "local") + "/" +
                                  std::to_string(number_of(address, "prefixlen")));
      }
    }
  }
  return state;
}

Result<std::vector<std::string>> parse_default_route_devices(std::string_view text) {
  TRY(routes, parse_array(text));
  std::vector<std::string> devices;
  for (const json& route : routes) {
    const std::string device = route.is_object() ? text_of(route, "dev") : std::string();
    if (!device.empty() && std::find(devices.begin(), devices.end(), device) == devices.end()) {
      devices.push_back(device);
    }
  }
  return devices;
}

Result<MeshInterfaceState> read_mesh_interface(CommandRunner& commands, const std::string& name) {
  TRY(output, commands.run(Command({"ip", "-json", "-details", "address", "show", "dev", name})));
  if (!output.ok()) {
    return MeshInterfaceState{};  // ip ends with 1 and "does not exist"
  }
  return parse_ip_address_json(output.out);
}

Result<bool> apply_mesh_interface(CommandRunner& commands, const std::string& name,
                                  const MeshInterfaceWanted& wanted) {
  TRY(state, read_mesh_interface(commands, name));
  if (!state.present) {
    return make_error(Errc::not_found, "there is no interface " + name,
                      "systemctl status orama-wireguard");
  }
  bool changed = false;
  const std::string address = wanted.address.to_string() + "/" + std::to_string(wanted.prefix);
  TRY_VOID(set_addresses(commands, name, address, state.addresses, changed));
  if (state.mtu != wanted.mtu || !state.up) {
    TRY_VOID(run_checked(commands, Command({"ip", "link", "set", "dev", name, "mtu",
                                            std::to_string(wanted.mtu), "up"})));
    changed = true;
  }
  return changed;
}

Result<int> mesh_mtu(CommandRunner& commands) {
  int smallest = std::numeric_limits<int>::max();
  for (const char* family : {"-4", "-6"}) {
    TRY(text, run_checked(commands, Command({"ip", "-json", family, "route", "show", "default"})));
    TRY(devices, parse_default_route_devices(text));
    for (const std::string& device : devices) {
      TRY(mtu, link_mtu(commands, device));
      smallest = std::min(smallest, mtu);
    }
  }
  const int path = smallest == std::numeric_limits<int>::max() ? kUsualPathMtu : smallest;
  return std::max(kSmallestMeshMtu, path - kWireguardOverhead);
}

}  // namespace orama::installers
