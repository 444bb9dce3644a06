// What this node really is, for the gateway and through it for `orama status` on any node: peers'
// handshakes, units, disk, package versions. Packages and binaries are looked at once a minute, the
// rest at each report. Used by one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/api/desired.h"
#include "common/clock.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/host.h"

namespace orama::installers {

class ActualReport {
 public:
  ActualReport(Host& host, MeshDevice& device) : host_(host), device_(device) {}

  // What cannot be found out is left empty: a report with a gap is better than none.
  api::Actual make(const api::Desired& applied);
  Result<void> send(const api::Actual& actual, const std::string& socket);

 private:
  void add_peers(const api::Desired& applied, api::Actual& actual);
  void add_units(api::Actual& actual);
  void look_at_packages();

  Host& host_;
  MeshDevice& device_;
  std::optional<SteadyTime> packages_seen_;
  std::map<std::string, std::string> packages_;  // name → version
  std::map<std::string, std::string>
      binary_changed_;  // unit → RFC 3339 time of its binary's last change
};

// Whether the device had a handshake with every peer of the desired state.
bool has_met_all(const api::Desired& applied, const api::Actual& actual);

// "orama 0.1.0-1\n…" of dpkg-query; lines that are not two words are skipped.
std::map<std::string, std::string> parse_package_versions(std::string_view text);

}  // namespace orama::installers
