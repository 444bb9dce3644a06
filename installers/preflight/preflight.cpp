#include "installers/preflight/preflight.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"
#include "installers/preflight/access_checks.h"
#include "installers/preflight/apt_lock.h"
#include "installers/preflight/host_checks.h"
#include "installers/preflight/network_checks.h"
#include "installers/preflight/ports.h"
#include "installers/preflight/resource_checks.h"

namespace orama::installers {

const std::vector<Check>& checks() {
  using enum CheckEffect;
  using enum CheckAbout;
  static const std::vector<Check> kChecks = {
      {"root", stop, check_root},
      {"os", stop, check_os},
      {"arch", stop, check_arch},
      {"systemd", stop, check_systemd},
      {"wireguard", stop, check_wireguard},
      {"memory", stop, check_memory},
      {"disk", stop, check_disk},
      {"inodes", stop, check_inodes},
      {"clock", warn, check_clock},
      {"apt-lock", stop, check_apt_lock},
      {"ports", stop, check_ports},
      {"public-address", warn, check_public_address, node},
      {"domain", warn, check_domain, node},
      {"mesh-range", stop, check_mesh_range, node},
      {"ssh", warn, check_ssh},
      {"firewalld", stop, check_firewalld},
      {"firewall", warn, check_firewall},
  };
  return kChecks;
}

std::string_view to_string(CheckState state) {
  switch (state) {
    case CheckState::ok:
      return "ok";
    case CheckState::fail:
      return "fail";
    case CheckState::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(CheckEffect effect) {
  return effect == CheckEffect::stop ? "stop" : "warn";
}

Result<void> check_skips(const std::set<std::string>& skip) {
  std::string known;
  for (const Check& check : checks()) {
    known += (known.empty() ? "" : ", ") + std::string(check.name);
  }
  for (const std::string& name : skip) {
    if (std::none_of(checks().begin(), checks().end(),
                     [&](const Check& check) { return check.name == name; })) {
      return make_error(Errc::invalid_argument, "--skip " + name + ": there is no such check",
                        "The checks are " + known + ".");
    }
  }
  return {};
}

std::vector<Finding> run_preflight(Host& host, const NodeSpec& spec,
                                   const std::set<std::string>& skip,
                                   std::function<void(const std::string&)> notice,
                                   std::optional<CheckAbout> only) {
  CheckContext context{host, spec, std::move(notice)};
  std::vector<Finding> findings;
  for (const Check& check : checks()) {
    if (only && check.about != *only) {
      continue;
    }
    Finding finding;
    if (skip.contains(std::string(check.name))) {
      finding.state = CheckState::unknown;
      finding.observed = "skipped by --skip";
    } else {
      finding = check.run(context);
    }
    finding.check = check.name;
    finding.effect = check.effect;
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace orama::installers
