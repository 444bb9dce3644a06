#include "cli/joining.h"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/install_request.h"
#include "cli/install_spec.h"
#include "cli/join_token_source.h"
#include "cli/node_record.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "common/build_info.h"
#include "common/join/token.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/node_plan.h"
#include "installers/node_spec.h"
#include "installers/plan.h"
#include "installers/preflight/preflight.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/redeem.h"

namespace orama::cli {
namespace {

using installers::JoinOrder;
using installers::NodeSpec;
using installers::Plan;

Result<join::JoinToken> token_of(const InstallRequest& request) {
  const char* environment = std::getenv(kTokenVariable);
  return read_token({request.token, environment == nullptr ? "" : environment, std::cin});
}

// Nothing for `auto` where the default route gives no public one: the cluster sees an address.
std::vector<std::string> addresses_of(Session& session, const InstallRequest& request) {
  if (request.public_address) {
    return {request.public_address->to_string()};
  }
  const auto detected = installers::detect_public_address(session.host.commands);
  return detected.ok() ? std::vector<std::string>{detected->to_string()}
                       : std::vector<std::string>{};
}

Result<std::shared_ptr<const JoinOrder>> make_order(Session& session, const InstallRequest& request,
                                                    const std::optional<NodeSpec>& recorded) {
  if (!request.public_address && !request.detect_address && !recorded) {
    return make_error(Errc::invalid_argument, "a node that joins needs --vps-ip ADDRESS",
                      "add --vps-ip auto, or the address by which others reach this host");
  }
  JoinOrder order;
  order.url = *request.join;
  TRY(token, token_of(request));
  order.token = std::move(token);
  TRY(name, recorded && !request.name ? Result<std::string>(recorded->name)
                                      : node_name(request, session.caller.host_name));
  order.name = name;
  order.addresses = addresses_of(session, request);
  if (request.nameserver.value_or(recorded && recorded->nameserver)) {
    order.roles = {"nameserver"};
  }
  order.version = build_info().version;
  order.timeout = request.timeout;
  order.notice = [&session](const std::string& line) { session.output.note(line); };
  return std::shared_ptr<const JoinOrder>(std::make_shared<JoinOrder>(std::move(order)));
}

Error founded_here(const NodeSpec& spec) {
  return make_error(Errc::conflict,
                    "this host is the node " + spec.name + " of its own cluster " +
                        spec.base_domain + "; it cannot join another one",
                    "to give that cluster up: sudo orama uninstall --purge --yes");
}

Error redeemed_by_another(const std::string& invite) {
  return make_error(Errc::conflict,
                    "this host's join by the invitation " + invite + " is not finished",
                    "type that command again, or undo it: sudo orama uninstall --yes");
}

}  // namespace

std::string Joining::invite() const {
  if (answer) {
    return answer->invite;
  }
  return order ? join::invite_id(order->token.invite) : "";
}

Result<Joining> look_at_join(Session& session, const InstallRequest& request,
                             const NodeRecord& record) {
  Joining joining;
  TRY(recorded, record.spec());
  joining.member = record.node && record.node->member;
  joining.wanted = request.join.has_value() || (recorded && recorded->joins());
  if (request.join && recorded && !recorded->joins()) {
    return founded_here(*recorded);
  }
  if (!joining.wanted || joining.member) {
    return joining;
  }
  if (session.caller.root) {
    TRY(answer, installers::read_join_record(session.host.files));
    joining.answer = std::move(answer);
  }
  if (!request.join) {
    return joining;
  }
  TRY(order, make_order(session, request, recorded));
  joining.order = std::move(order);
  if (joining.answer && joining.answer->invite != join::invite_id(joining.order->token.invite)) {
    return redeemed_by_another(joining.answer->invite);
  }
  return joining;
}

Result<NodeSpec> spec_before_answer(Session& session, const InstallRequest& request) {
  NodeSpec spec;
  TRY(name, node_name(request, session.caller.host_name));
  spec.name = name;
  spec.nameserver = request.nameserver.value_or(false);
  spec.firewall = !request.skip_firewall;
  return spec;
}

Result<Plan> redeem_plan(const Joining& joining, const installers::NodeSources& sources) {
  return Plan::make(installers::redeem_steps(joining.invite(), sources),
                    installers::change_kinds());
}

Result<void> renew(Session& session, Joining& joining) {
  if (!joining.order || !joining.answer) {
    return {};
  }
  return installers::renew_redemption(session.host, *joining.order, *joining.answer);
}

Result<void> redeem(Session& session, Joining& joining, const installers::NodeSources& sources) {
  if (!joining.order) {
    return make_error(Errc::conflict,
                      "this host's join is not finished, and its place in the cluster is not held "
                      "any more",
                      "type the whole join command again, with --join and --token");
  }
  TRY(plan, redeem_plan(joining, sources));
  Plan::Options options;
  options.version = build_info().version;
  options.interrupted = &session.interrupted;
  options.extent = Plan::Options::Extent::part;
  TRY_VOID(plan.apply(session.host, options, Progress(session.output)));
  TRY(answer, installers::read_join_record(session.host.files));
  joining.answer = std::move(answer);
  return {};
}

}  // namespace orama::cli
