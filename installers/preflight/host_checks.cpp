#include "installers/preflight/host_checks.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "installers/host/command_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/preflight/finding.h"
#include "installers/preflight/preflight.h"

namespace orama::installers {
namespace {

constexpr const char* kSystems = "Debian 12, Debian 13 or Ubuntu 24.04";

// First line of what a command prints, or "" when it fails.
std::string first_line(Host& host, std::vector<std::string> argv) {
  const auto output = host.commands.run(Command(std::move(argv)));
  return output.ok() && output->ok() ? output->out.substr(0, output->out.find('\n')) : "";
}

// The value of NAME=value or NAME="value" in /etc/os-release.
std::string release_value(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.starts_with(name) || line.substr(name.size(), 1) != "=") {
      continue;
    }
    line.remove_prefix(name.size() + 1);
    if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') &&
        line.back() == line.front()) {
      line = line.substr(1, line.size() - 2);
    }
    return std::string(line);
  }
  return "";
}

}  // namespace

bool is_root(Host& host) {
  return first_line(host, {"id", "-u"}) == "0";
}

Finding check_root(CheckContext& context) {
  const std::string id = first_line(context.host, {"id", "-u"});
  if (id.empty()) {
    return cannot_tell("`id -u` does not answer", "root");
  }
  return id == "0" ? passed("root", "root")
                   : failed("user number " + id, "root", "Run the command with sudo.");
}

Finding check_os(CheckContext& context) {
  const auto text = context.host.files.read("/etc/os-release");
  if (!text.ok()) {
    return cannot_tell("/etc/os-release cannot be read", kSystems);
  }
  using System = std::pair<std::string_view, std::string_view>;
  constexpr std::array kKnown = {System("debian", "12"), System("debian", "13"),
                                 System("ubuntu", "24.04")};
  const std::string id = release_value(*text, "ID");
  const std::string version = release_value(*text, "VERSION_ID");
  const std::string pretty = release_value(*text, "PRETTY_NAME");
  const std::string observed = pretty.empty() ? id + " " + version : pretty;
  const bool known = std::any_of(kKnown.begin(), kKnown.end(), [&](const System& system) {
    return id == system.first && version == system.second;
  });
  return known ? passed(observed, kSystems)
               : failed(observed, kSystems,
                        std::string("Install orama on a host with ") + kSystems + ".");
}

Finding check_arch(CheckContext& context) {
  const std::string machine = first_line(context.host, {"uname", "-m"});
  if (machine.empty()) {
    return cannot_tell("`uname -m` does not answer", "amd64 or arm64");
  }
  return machine == "x86_64" || machine == "aarch64"
             ? passed(machine == "x86_64" ? "amd64" : "arm64", "amd64 or arm64")
             : failed(machine, "amd64 or arm64", "Use a host with a 64-bit x86 or Arm processor.");
}

Finding check_systemd(CheckContext& context) {
  // The folder that sd_booted(3) looks for.
  const auto status = context.host.files.status("/run/systemd/system");
  if (!status.ok()) {
    return cannot_tell(status.error().message, "systemd runs this host");
  }
  return *status && (*status)->kind == FileKind::directory
             ? passed("systemd runs this host", "systemd runs this host")
             : failed("this host was not booted with systemd", "systemd runs this host",
                      "Use a virtual machine or a container that boots systemd.");
}

Finding check_wireguard(CheckContext& context) {
  const std::string wanted = "WireGuard in the kernel, or /dev/net/tun";
  Files& files = context.host.files;
  const auto module = files.status("/sys/module/wireguard");
  if (module.ok() && *module) {
    return passed("WireGuard is in the kernel", wanted);
  }
  const auto tun = files.status("/dev/net/tun");
  if (tun.ok() && *tun && (*tun)->kind == FileKind::other) {
    return passed("/dev/net/tun is there", wanted);
  }
  const auto dry = context.host.commands.run(Command({"modprobe", "-n", "-q", "wireguard"}));
  if (dry.ok() && dry->ok()) {
    return passed("the kernel has WireGuard as a module", wanted);
  }
  if (!tun.ok()) {
    return cannot_tell(tun.error().message, wanted);
  }
  return failed(
      "neither", wanted,
      "Ask the provider to enable TUN/TAP for this server, or use one with its own kernel.");
}

}  // namespace orama::installers
