// Looks at a host before anything is changed: named checks, each with what was seen, what is wanted
// and how to fix it. A check that cannot look says unknown, and unknown never stops an install.
// Changes nothing; prints nothing. checks() is the one table; one file per check or small group
// stands beside it.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/node_spec.h"

namespace orama::installers {

enum class CheckState { ok, fail, unknown };
enum class CheckEffect { stop, warn };  // what a fail does to an install

std::string_view to_string(CheckState state);    // "ok", "fail", "unknown"
std::string_view to_string(CheckEffect effect);  // "stop", "warn"

struct Finding {
  std::string check;
  CheckState state = CheckState::ok;
  CheckEffect effect = CheckEffect::stop;
  std::string observed;
  std::string wanted;
  std::string fix;  // "" when ok
  bool stops() const { return state == CheckState::fail && effect == CheckEffect::stop; }
};

// What a check sees of the world. `notice` is told of long waits ("waiting for apt-get (pid 812)").
struct CheckContext {
  Host& host;
  const NodeSpec& spec;
  std::function<void(const std::string&)> notice;
};

// What must be known to look: nothing but the host, or who the node is, which a joining host learns
// from the cluster's answer.
enum class CheckAbout { host, node };

struct Check {
  std::string_view name;
  CheckEffect effect;
  Finding (*run)(CheckContext& context);
  CheckAbout about = CheckAbout::host;
};

const std::vector<Check>& checks();

// Names of --skip, refused with the list of checks when one is unknown.
Result<void> check_skips(const std::set<std::string>& skip);

// Every check (or those about one thing) in order; a skipped one is reported as unknown ("skipped
// by --skip").
std::vector<Finding> run_preflight(Host& host, const NodeSpec& spec,
                                   const std::set<std::string>& skip,
                                   std::function<void(const std::string&)> notice = {},
                                   std::optional<CheckAbout> only = {});

// `--vps-ip auto` on a genesis: the source address of the default route (IPv4 first) when it is
// public; else an error that names the flag.
Result<mesh::IpAddress> detect_public_address(CommandRunner& commands);

}  // namespace orama::installers
