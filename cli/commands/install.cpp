// install: flags → spec → preflight → plan → apply. Every question that can be answered before
// anything is changed is answered before anything is changed.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/install_report.h"
#include "cli/install_request.h"
#include "cli/install_spec.h"
#include "cli/join_token_source.h"
#include "cli/joining.h"
#include "cli/node_record.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "common/build_info.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/host_mesh_device.h"
#include "installers/agent/mesh_commands.h"
#include "installers/host/echo_prober.h"
#include "installers/node_plan.h"
#include "installers/node_spec.h"
#include "installers/plan.h"
#include "installers/preflight/preflight.h"
#include "installers/receipt.h"
#include "installers/steps/caddy.h"
#include "installers/steps/caddy_config.h"
#include "installers/steps/member_link.h"
#include "installers/steps/node_sources.h"

namespace orama::cli {
namespace {

using installers::Finding;
using installers::Plan;
using nlohmann::json;

// The receipt is root's; a plain user's --plan starts from what everybody may read.
Result<NodeRecord> read_record(Session& session) {
  if (session.caller.root) {
    return read_node_record(session.host.files);
  }
  NodeRecord record;
  TRY(node, read_node_file(session.host.files));
  record.node = std::move(node);
  return record;
}

Result<SpecDecision> make_spec(Session& session, const InstallRequest& request,
                               const NodeRecord& record, const Joining& joining) {
  TRY(recorded, record.spec());
  const SpecWorld world{
      recorded,
      session.caller.host_name,
      [&session] { return installers::detect_public_address(session.host.commands); },
      [&session](const std::string& domain, const mesh::IpAddress& address) {
        return installers::default_tls_mode(session.host, domain, address);
      },
      session.host.random,
      session.host.clock.wall_now(),
      joining.answer};
  return decide_spec(request, world);
}

// The file of an earlier install may be gone: the copy of it under /etc/orama serves.
Result<bool> copied_before(Session& session, const NodeRecord& record,
                           const installers::NodeSpec& spec) {
  TRY(recorded, record.spec());
  TRY(copy, session.host.files.status(installers::kCaddyAcmeRoot));
  return copy && recorded && recorded->acme_ca_root == spec.acme_ca_root;
}

Result<void> check_acme_root(Session& session, const NodeRecord& record,
                             const installers::NodeSpec& spec) {
  if (spec.acme_ca_root.empty()) {
    return {};
  }
  const Result<std::string> text = session.host.files.read(spec.acme_ca_root);
  if (!text.ok() && text.error().code == Errc::not_found) {
    TRY(copied, copied_before(session, record, spec));
    if (copied) {
      return {};
    }
  }
  if (!text.ok()) {
    return make_error(Errc::invalid_argument, "--acme-ca-root: " + text.error().full_message(),
                      "give the path of a PEM file that root can read");
  }
  if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return make_error(Errc::invalid_argument,
                      "--acme-ca-root: " + spec.acme_ca_root + " holds no PEM certificate",
                      "expected a file with -----BEGIN CERTIFICATE-----");
  }
  return {};
}

struct Preflight {
  std::vector<Finding> findings;
  std::vector<std::string> stopping;  // names
};

Preflight run_checks(Session& session, const InstallRequest& request,
                     const installers::NodeSpec& spec,
                     std::optional<installers::CheckAbout> only = {}) {
  session.output.live("checking this host …");
  Preflight preflight;
  preflight.findings = installers::run_preflight(
      session.host, spec, request.skip_checks,
      [&session](const std::string& notice) { session.output.note(notice); }, only);
  for (const Finding& finding : preflight.findings) {
    if (finding.stops()) {
      preflight.stopping.push_back(finding.check);
    }
  }
  session.output.say("\nChecks:\n" + preflight_text(session.output, preflight.findings));
  return preflight;
}

Report preflight_failure(const Preflight& preflight, const char* changed = "nothing was changed") {
  Report report;
  report.data = {{"preflight", preflight_json(preflight.findings)}};
  report.error = make_error(
      Errc::preflight_failed,
      "this host does not meet a requirement: " + joined(preflight.stopping) + "; " + changed,
      "do what stands above as fix, then type the same command again");
  return report;
}

void show_decision(Session& session, const SpecDecision& decision) {
  const installers::NodeSpec& spec = decision.spec;
  session.output.say("Node " + spec.name + " (" + spec.domain + ", " +
                     spec.public_address.to_string() + "), cluster " + spec.base_domain +
                     ", mesh " + spec.mesh_cidr.to_string());
  if (!decision.tls_reason.empty()) {
    session.output.say(std::string("TLS: ") +
                       (spec.tls == installers::TlsMode::acme ? "public certificates by ACME"
                                                              : "this host's internal CA") +
                       ", because " + decision.tls_reason);
  }
  if (!decision.differences.empty()) {
    session.output.say(differences_text(decision.differences));
  }
}

json differences_json(const std::vector<SpecDecision::Difference>& differences) {
  json list = json::array();
  for (const auto& difference : differences) {
    list.push_back(
        {{"field", difference.field}, {"before", difference.before}, {"after", difference.after}});
  }
  return list;
}

installers::NodeSources make_sources(Session& session, const Joining& joining) {
  installers::NodeSources sources;
  sources.share = session.caller.share;
  sources.cores = std::max(1U, std::thread::hardware_concurrency());
  sources.join = joining.order;
  sources.link = std::make_shared<installers::MemberLink>(session.host, session.interrupted);
  sources.tunnel_endpoint = [](const std::string& wg_public_key) {
    installers::HostMeshDevice device;
    return installers::tunnel_endpoint(device, wg_public_key);
  };
  sources.prober = std::make_shared<installers::EchoProber>();
  sources.notice = [&session](const std::string& line) { session.output.note(line); };
  return sources;
}

Result<Plan> make_plan(const installers::NodeSpec& spec, const installers::NodeSources& sources) {
  TRY(steps, installers::node_steps(spec, sources));
  return Plan::make(std::move(steps), installers::change_kinds());
}

Report plan_only(Session& session, const Preflight& preflight, const SpecDecision& decision,
                 const std::vector<installers::PlannedChange>& pending) {
  Report report;
  report.exit = pending.empty() ? ExitCode::ok : ExitCode::pending;
  report.data = {{"changes", plan_json(pending)},
                 {"preflight", preflight_json(preflight.findings)},
                 {"spec", decision.spec.to_json()},
                 {"differences", differences_json(decision.differences)}};
  if (!preflight.stopping.empty()) {
    report.text = "An install would stop before any change: " + joined(preflight.stopping) + "\n";
  }
  report.text += pending.empty() ? "Nothing to do."
                                 : std::to_string(pending.size()) +
                                       " changes are pending. Nothing was changed.";
  session.output.say();
  return report;
}

// A run that was stopped or failed goes on with the same command; the log of the run stands in the
// hint.
Error with_way_on(Error error, const installers::NodeSpec& spec) {
  if (error.code != Errc::locked && error.hint.find("again") == std::string::npos) {
    if (!error.hint.empty()) {
      error.hint += error.hint.ends_with('.') ? " Then " : "; then ";
    }
    error.hint +=
        std::string(spec.joins() ? "the same command, typed again," : "`sudo orama install`") +
        " goes on where this run stopped";
  }
  return error;
}

std::string left_text(const std::vector<installers::LeftBehind>& left) {
  std::string text;
  for (const installers::LeftBehind& one : left) {
    text += "Left as it is, though no longer wanted: " + one.kind + " " + one.target + " (" +
            one.reason + ")\n";
  }
  return text;
}

Result<Report> apply(Session& session, const Plan& plan, const SpecDecision& decision) {
  Plan::Options options;
  options.version = build_info().version;
  options.spec = decision.spec.to_json();
  options.interrupted = &session.interrupted;
  Result<installers::ApplySummary> summary =
      plan.apply(session.host, options, Progress(session.output));
  if (!summary.ok()) {
    return with_way_on(std::move(summary).error(), decision.spec);
  }
  Report report;
  report.data = closing_json(decision.spec);
  report.data["changed"] = summary->changed;
  report.data["unchanged"] = summary->converged;
  report.data["node"] = decision.spec.to_json();
  report.text = "\nDone: " + std::to_string(summary->changed) + " changes, " +
                std::to_string(summary->converged) + " were so already.\n" +
                left_text(summary->left) + closing_text(decision.spec);
  return report;
}

// A change that cannot be made is better known before the first one is made than in the middle.
Result<void> refuse_known_problems(const std::vector<installers::PlannedChange>& pending) {
  std::string problems;
  for (const installers::PlannedChange& change : pending) {
    problems += change.problem.empty() ? "" : "\n  " + change.step + ": " + change.problem;
  }
  if (problems.empty()) {
    return {};
  }
  return make_error(Errc::conflict,
                    "the plan cannot be carried out; nothing was changed:" + problems,
                    "solve these, then type the same command again");
}

bool finished_before(const NodeRecord& record) {
  return record.receipt && record.receipt->outcome == installers::Receipt::Outcome::done;
}

// The first half of a join, up to the cluster's answer. A report ends the command here.
Result<std::optional<Report>> redeem_first(Session& session, const InstallRequest& request,
                                           Joining& joining,
                                           const installers::NodeSources& sources) {
  TRY(spec, spec_before_answer(session, request));
  const Preflight preflight = run_checks(session, request, spec, installers::CheckAbout::host);
  if (!preflight.stopping.empty() && !request.plan_only) {
    return std::optional(preflight_failure(preflight));
  }
  if (request.plan_only) {
    TRY(plan, redeem_plan(joining, sources));
    TRY(pending, plan.pending(session.host));
    session.output.say("Plan, up to the cluster's answer (the rest depends on it):\n" +
                       plan_text(session.output, pending, PlanDetail::diffs));
    return std::optional(plan_only(session, preflight, {spec, {}, {}}, pending));
  }
  TRY_VOID(redeem(session, joining, sources));
  return std::optional<Report>();
}

// What the flags and the host say, before any question to others.
struct Beginning {
  NodeRecord record;
  Joining joining;
  installers::NodeSources sources;
};

Result<Beginning> begin(Session& session, const InstallRequest& request) {
  Beginning begun;
  TRY(record, read_record(session));
  begun.record = std::move(record);
  TRY(joining, look_at_join(session, request, begun.record));
  begun.joining = std::move(joining);
  begun.sources = make_sources(session, begun.joining);
  return begun;
}

#ifdef ORAMA_FAULT_POINTS
Result<Report> list_fault_points(Session& session, const InstallRequest& request) {
  TRY(begun, begin(session, request));
  Result<Plan> plan = redeem_plan(begun.joining, begun.sources);
  if (!begun.joining.must_redeem()) {
    TRY(decision, make_spec(session, request, begun.record, begun.joining));
    plan = make_plan(decision.spec, begun.sources);
  }
  TRY(chosen, std::move(plan));
  TRY(points, chosen.fault_points(session.host));
  Report report;
  report.data = {{"fault_points", points}};
  for (const std::string& point : points) {
    report.text += point + "\n";
  }
  return report;
}
#endif

EnvironmentToken environment_token() {
  const char* token = std::getenv(kTokenVariable);
  return token == nullptr || *token == '\0' ? EnvironmentToken::absent : EnvironmentToken::present;
}

// From the complete description of the node on, a join is an install like any other.
Result<Report> install_node(Session& session, const InstallRequest& request, const Beginning& begun,
                            std::optional<installers::CheckAbout> checks) {
  TRY(decision, make_spec(session, request, begun.record, begun.joining));
  TRY(plan, make_plan(decision.spec, begun.sources));
  show_decision(session, decision);
  TRY_VOID(check_acme_root(session, begun.record, decision.spec));
  const Preflight preflight = run_checks(session, request, decision.spec, checks);
  if (!preflight.stopping.empty() && !request.plan_only) {
    return begun.joining.answer
               ? preflight_failure(preflight, "nothing but orama's users and keys was made")
               : preflight_failure(preflight);
  }
  session.output.live("working out what is to be done …");
  TRY(pending, plan.pending(session.host));
  if (!pending.empty()) {
    session.output.say("Plan:\n" +
                       plan_text(session.output, pending,
                                 request.plan_only ? PlanDetail::diffs : PlanDetail::lines));
  }
  if (request.plan_only) {
    return plan_only(session, preflight, decision, pending);
  }
  if (!begun.record.receipt) {  // later, what cannot be looked at may only be stopped
    TRY_VOID(refuse_known_problems(pending));
  }
  if (pending.empty() && finished_before(begun.record)) {
    Report report;
    report.data = {{"changed", 0}, {"node", decision.spec.to_json()}};
    report.text = "Nothing to do: this node is as it should be. Next: orama status";
    return report;
  }
  return apply(session, plan, decision);
}

}  // namespace

Result<void> check_install(const Arguments& arguments) {
  TRY_VOID(parse_install_request(arguments, environment_token()));
  return {};
}

Result<Report> run_install(Session& session, const Arguments& arguments) {
  TRY(request, parse_install_request(arguments, environment_token()));
#ifdef ORAMA_FAULT_POINTS
  if (arguments.has("--fault-points")) {
    return list_fault_points(session, request);
  }
#endif
  // Before the first question that may take its time (DNS).
  session.output.say("orama " + std::string(build_info().version) + " on " +
                     session.caller.host_name);
  TRY(begun, begin(session, request));
  if (!begun.joining.must_redeem()) {
    if (!request.plan_only) {
      TRY_VOID(renew(session, begun.joining));
    }
    return install_node(session, request, begun, {});
  }
  TRY(report, redeem_first(session, request, begun.joining, begun.sources));
  if (report) {
    return std::move(*report);
  }
  return install_node(session, request, begun, installers::CheckAbout::node);
}

}  // namespace orama::cli
