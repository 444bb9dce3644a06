#include "installers/steps/firewall_proof.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/json.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/host/command_runner.h"
#include "installers/host/host.h"
#include "installers/paths.h"
#include "installers/steps/firewall_access.h"
#include "installers/steps/firewall_banner.h"
#include "installers/steps/firewall_probe.h"
#include "installers/steps/firewall_sockets.h"
#include "installers/steps/firewall_ssh.h"
#include "installers/steps/firewall_ufw.h"

namespace orama::installers {
namespace {

using namespace std::chrono_literals;

// Within the 90 s of the dead man's switch, probes included.
constexpr std::chrono::milliseconds kWatch = 30s;
constexpr std::chrono::milliseconds kWatchStep = 250ms;
// sshd drops sources that connect often without logging in (OpenSSH 10, PerSourcePenalties), and
// `ufw limit` counts six in 30 s: few probes, with a pause.
constexpr int kProbes = 2;
constexpr std::chrono::milliseconds kProbePause = 1s;

using Connection = std::tuple<mesh::IpAddress, int, mesh::IpAddress, int>;

// TCP connections to SSH ports from other hosts that got as far as being accepted.
Result<std::set<Connection>> accepted_connections(Host& host, const SshSurvey& survey) {
  TRY(text, run_checked(host.commands, Command({"ss", "-H", "-tn", "state", "connected"})));
  std::set<Connection> connections;
  for (const SocketLine& line : parse_ss(text)) {
    const bool accepted = line.state != "SYN-SENT" && line.state != "SYN-RECV";
    const bool from_outside = line.peer && !line.peer->is_loopback() && *line.peer != line.local;
    if (accepted && from_outside && survey.ports.contains(line.local_port)) {
      connections.emplace(*line.peer, line.peer_port, line.local, line.local_port);
    }
  }
  return connections;
}

struct Open {  // a family that is not proven yet
  ProofTarget target;
  std::string reason;
};

std::string name_of(const ProofTarget& target) {
  return std::string(to_string(family_of(target.address))) + " (" + target.address.for_url() + ":" +
         std::to_string(target.port) + ")";
}

Error not_proven(const std::vector<Open>& open, std::string hint) {
  std::string message = "not proven that SSH still gets through";
  for (const Open& family : open) {
    message += "; over " + name_of(family.target) + ": " + family.reason;
  }
  return make_error(Errc::pending, std::move(message), std::move(hint));
}

Result<bool> probe(Host& host, BannerReader& reader, const ProofTarget& target) {
  for (int attempt = 0; attempt < kProbes; ++attempt) {
    if (attempt > 0) {
      host.clock.sleep_for(kProbePause);
    }
    TRY(banner, reader.read(ProbeNetwork::kName, target.address, target.port));
    if (banner.find("SSH-") != std::string::npos) {
      return true;
    }
  }
  return false;
}

// Waits for a person, or their monitoring, to connect from elsewhere.
Result<std::vector<Open>> watch(Host& host, const SshSurvey& survey, std::vector<Open> open,
                                std::set<Connection> before) {
  const SteadyTime end = host.clock.steady_now() + kWatch;
  while (!open.empty() && host.clock.steady_now() < end) {
    host.clock.sleep_for(kWatchStep);
    TRY(now, accepted_connections(host, survey));
    for (const Connection& connection : now) {
      if (before.insert(connection).second) {
        const IpFamily family = family_of(std::get<0>(connection));
        std::erase_if(open,
                      [&](const Open& one) { return family_of(one.target.address) == family; });
      }
    }
  }
  return open;
}

// What makes a probe say nothing about this family; "" when it proves.
Result<std::string> unprovable(Host& host, const ProofTarget& target, const SshSurvey& survey) {
  TRY(rules, read_ufw_rules(host.files));
  const SshAccess access =
      ssh_access(rules, family_of(target.address), target.port, UfwState::on, survey.sessions);
  if (access.bound_rule.empty()) {
    return std::string();
  }
  return "not provable from this host: UFW's rule \"" + access.bound_rule +
         "\" is bound to a source or an interface, and no new connection from another host came "
         "within " +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(kWatch).count()) + " s";
}

struct Probed {
  std::vector<Open> failed;    // the firewall keeps SSH out
  std::vector<Open> unproven;  // a probe says nothing
};

Result<void> probe_all(Host& host, BannerReader& reader, const SshSurvey& survey,
                       const std::vector<ProofTarget>& targets, Probed& probed) {
  TRY(v6_by_rules, ufw_filters_v6_by_rules(host.files));
  const Result<ProbeNetwork> network = ProbeNetwork::make(host);
  for (const ProofTarget& target : targets) {
    TRY(reason, unprovable(host, target, survey));
    if (target.address.is_v6() && !v6_by_rules) {
      probed.failed.push_back({target, "UFW drops all IPv6, as /etc/default/ufw says IPV6=no"});
    } else if (!reason.empty()) {
      probed.unproven.push_back({target, reason});
    } else if (!network.ok()) {
      probed.unproven.push_back({target, network.error().full_message()});
    } else {
      TRY(reached, probe(host, reader, target));
      if (!reached) {
        probed.failed.push_back({target,
                                 "a new connection from a network namespace got no answer "
                                 "from an SSH server"});
      }
    }
  }
  return {};
}

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<mesh::IpAddress> first_of(const std::vector<mesh::IpAddress>& addresses,
                                        IpFamily family, bool public_only) {
  for (const mesh::IpAddress& address : addresses) {
    if (family_of(address) == family && (!public_only || address.is_public())) {
      return address;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<mesh::IpAddress> parse_host_addresses(std::string_view json) {
  std::vector<mesh::IpAddress> addresses;
  const nlohmann::json links = parse_json(json).value_or(nullptr);
  for (const auto& link : links.is_array() ? links : nlohmann::json::array()) {
    if (!link.is_object() || !link.contains("addr_info") || !link["addr_info"].is_array()) {
      continue;
    }
    const std::string name = text_at(link, "ifname");
    if (name == paths::kMeshInterface || name.starts_with(ProbeNetwork::kName)) {
      continue;
    }
    for (const auto& info : link["addr_info"]) {
      if (!info.is_object()) {
        continue;
      }
      const auto address = mesh::IpAddress::parse(text_at(info, "local"));
      if (text_at(info, "scope") == "global" && address.ok()) {
        addresses.push_back(*address);
      }
    }
  }
  return addresses;
}

std::vector<ProofTarget> proof_targets(const SshSurvey& survey,
                                       const std::vector<mesh::IpAddress>& host_addresses,
                                       const mesh::IpAddress& public_address) {
  std::vector<ProofTarget> targets;
  if (survey.listening.empty()) {
    return targets;
  }
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    const auto session =
        std::find_if(survey.sessions.begin(), survey.sessions.end(),
                     [family](const SshSession& one) { return family_of(one.local) == family; });
    if (session != survey.sessions.end()) {
      // The session's own sshd may have been told to listen elsewhere since.
      const bool answered = survey.listening.contains(session->local_port);
      targets.push_back(
          {session->local, answered ? session->local_port : *survey.listening.begin()});
    }
  }
  if (!targets.empty()) {
    return targets;
  }
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    const bool listens = family == IpFamily::v4 ? survey.listens_v4 : survey.listens_v6;
    const bool natted = family_of(public_address) == family;
    auto address = first_of(host_addresses, family, /*public_only=*/true);
    if (!address && natted) {
      address = first_of(host_addresses, family, /*public_only=*/false);
    }
    if (listens && address) {
      targets.push_back({*address, *survey.listening.begin()});
    }
  }
  return targets;
}

Result<void> prove_reachable(Host& host, BannerReader& reader, const SshSurvey& survey,
                             const mesh::IpAddress& public_address) {
  TRY(before, accepted_connections(host, survey));
  TRY(addresses_json, run_checked(host.commands, Command({"ip", "-j", "addr"})));
  const std::vector<ProofTarget> targets =
      proof_targets(survey, parse_host_addresses(addresses_json), public_address);
  if (targets.empty()) {
    return make_error(
        Errc::pending,
        "not provable that SSH still gets through: no SSH server was found that listens "
        "on an address of this host",
        "start sshd, or install with --skip-firewall and set UFW up by hand");
  }
  Probed probed;
  TRY_VOID(probe_all(host, reader, survey, targets, probed));
  if (!probed.failed.empty()) {
    return not_proven(probed.failed, "look at `ufw show added`; --skip-firewall leaves UFW alone");
  }
  TRY(open, watch(host, survey, probed.unproven, before));
  if (!open.empty()) {
    return not_proven(open,
                      "run it again and open a second SSH session while the firewall step runs, or "
                      "use --skip-firewall and set UFW up by hand");
  }
  return {};
}

}  // namespace orama::installers
