#include "cli/dev/dev_node.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/dev/dev_layout.h"
#include "cli/dev/dev_progress.h"
#include "cli/node_record.h"
#include "cli/session.h"
#include "common/atomic_file.h"
#include "common/build_info.h"
#include "common/crypto/random.h"
#include "common/http_client.h"
#include "common/join/token.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/dev/dev_host.h"
#include "installers/dev/dev_plan.h"
#include "installers/node_plan.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/plan.h"
#include "installers/receipt.h"
#include "installers/step.h"
#include "installers/steps/admin_call.h"
#include "installers/steps/join_call.h"
#include "installers/steps/join_record.h"
#include "installers/steps/member_link.h"
#include "installers/steps/node_sources.h"

namespace orama::cli {
namespace {

namespace fs = std::filesystem;

using installers::DevHost;
using installers::NodeSpec;
using installers::Plan;

constexpr int kCreated = 201;

// What a host has before anything is installed.
Result<void> make_bare_host(const std::string& folder) {
  std::error_code failure;
  for (const char* one : {"/etc/systemd/system", "/var/lib", "/var/log", "/run/orama"}) {
    fs::create_directories(folder + one, failure);
    if (failure) {
      return make_error(Errc::failed, "making " + folder + one + ": " + failure.message());
    }
  }
  return chmod(folder.c_str(), 0700) == 0
             ? Result<void>()
             : make_error(Errc::failed, "setting the mode of " + folder);
}

class NodeRun {
 public:
  NodeRun(Session& session, const DevLayout& layout, std::size_t number)
      : session_(session),
        layout_(layout),
        number_(number),
        node_(session.host, layout.node(dev_node_name(number))),
        progress_(session.output, dev_node_name(number)) {}

  Result<bool> apply() {
    TRY_VOID(make_bare_host(node_.root().folder()));
    TRY(spec, number_ == 1 ? founding_spec() : joining_spec());
    TRY(steps, installers::dev_node_steps(spec, sources({})));
    TRY_VOID(run(std::move(steps), Plan::Options::Extent::whole, spec.to_json()));
    progress_.finish();
    TRY_VOID(forget_token());
    return progress_.changed() > 0;
  }

 private:
  Result<NodeSpec> founding_spec() {
    TRY(record, read_node_record(node_.host().files));
    TRY(recorded, record.spec());
    if (recorded) {
      return std::move(*recorded);
    }
    TRY(spec, installers::dev_node_spec(number_));
    installers::Host& host = node_.host();
    spec.node_id = "node_" + crypto::make_uuid_v7(host.random, host.clock.wall_now());
    spec.cluster_id = "cluster_" + crypto::make_uuid_v7(host.random, host.clock.wall_now());
    return spec;
  }

  Result<NodeSpec> joining_spec() {
    TRY(record, read_node_record(node_.host().files));
    TRY(recorded, record.spec());
    if (recorded && record.node && record.node->member) {
      return std::move(*recorded);
    }
    TRY(answer, installers::read_join_record(node_.host().files));
    if (!answer) {
      TRY_VOID(redeem());
      TRY(redeemed, installers::read_join_record(node_.host().files));
      answer = std::move(redeemed);
    }
    if (!answer) {
      return make_error(Errc::failed,
                        "the cluster's answer to " + node_.root().name() + " is gone");
    }
    TRY(spec, installers::dev_node_spec(number_));
    spec.invite = answer->invite;
    spec.node_id = answer->grant.node_id;
    spec.cluster_id = answer->grant.cluster_id;
    spec.mesh_ip = answer->grant.mesh_ip;
    return spec;
  }

  // A run that was killed while it asked must ask with the same token again: its place is held for
  // that one. The file is 0600 in a folder of the developer's alone, and goes with the join.
  std::string token_path() const { return node_.root().folder() + "/run/join-token"; }

  Result<join::JoinToken> token() {
    const auto kept = read_file(token_path());
    if (kept.ok()) {
      return join::JoinToken::parse(*kept);
    }
    TRY(text, new_token());
    FileAttributes attributes;
    attributes.mode = 0600;
    TRY_VOID(write_file_atomically(token_path(), text, attributes));
    return join::JoinToken::parse(text);
  }

  Result<void> forget_token() const {
    std::error_code failure;
    fs::remove(token_path(), failure);
    return failure ? Result<void>(make_error(Errc::failed,
                                             "removing " + token_path() + ": " + failure.message()))
                   : Result<void>();
  }

  // A real invitation of the first node.
  Result<std::string> new_token() {
    DevHost first(session_.host, layout_.node(dev_node_name(1)));
    HttpRequest request = installers::admin_request("POST", "/admin/invites");
    request.headers = {"Content-Type: application/json"};
    request.body =
        nlohmann::json{{"ttl", "10m"}, {"note", "orama dev: " + node_.root().name()}}.dump();
    TRY(response, first.host().http.send(request));
    if (response.status != kCreated) {
      return make_error(Errc::failed,
                        "the first node gives no invitation: " + installers::answer_text(response),
                        "orama dev status; orama dev logs node1 gateway");
    }
    TRY(body, parse_json(response.body));
    return text_of(body, "token");
  }

  // The real call, by plain http: both ends are this machine, and nothing of a join trusts its
  // transport.
  Result<void> redeem() {
    TRY(token, this->token());
    auto order = std::make_shared<installers::JoinOrder>();
    TRY(first_spec, installers::dev_node_spec(1));
    order->url = "http://" + first_spec.mesh_ip.to_string() + ":" +
                 std::to_string(installers::paths::kGatewayPort);
    order->token = std::move(token);
    order->name = node_.root().name();
    order->version = build_info().version;
    order->notice = notice();
    const std::string invite = join::invite_id(order->token.invite);
    auto asked =
        run(installers::redeem_steps(invite, sources(order)), Plan::Options::Extent::part, {});
    if (!asked.ok() && asked.error().code != Errc::interrupted) {
      TRY_VOID(forget_token());  // the next run gets another
    }
    return asked;
  }

  std::function<void(const std::string&)> notice() {
    return [this](const std::string& line) { session_.output.note(line); };
  }

  installers::NodeSources sources(std::shared_ptr<const installers::JoinOrder> order) {
    installers::NodeSources sources;
    sources.share = layout_.programs.share;
    sources.local_listen = installers::dev_local_listen(number_);
    sources.cores = std::max(1U, std::thread::hardware_concurrency());
    sources.join = std::move(order);
    sources.link = std::make_shared<installers::MemberLink>(node_.host(), session_.interrupted);
    sources.notice = notice();
    return sources;
  }

  // There is no journal here.
  Error with_own_hint(Error error) const {
    constexpr std::string_view kJournal = "journalctl -u ";
    for (std::size_t at = error.hint.find(kJournal); at != std::string::npos;
         at = error.hint.find(kJournal)) {
      error.hint.replace(at, kJournal.size(), "orama dev logs " + node_.root().name() + " ");
    }
    return error;
  }

  Result<void> run(std::vector<installers::Step> steps, Plan::Options::Extent extent,
                   nlohmann::json spec) {
    TRY(plan, Plan::make(std::move(steps), installers::change_kinds()));
    Plan::Options options;
    options.lock_path = node_.root().folder() + "/run/orama-install.lock";
    options.log_folder = node_.root().path("/var/log/orama");
    options.version = build_info().version;
    options.spec = std::move(spec);
    options.interrupted = &session_.interrupted;
    options.extent = extent;
    options.command = "orama dev up";
    auto applied = plan.apply(node_.host(), options, std::ref(progress_));
    return applied.ok() ? Result<void>() : with_own_hint(std::move(applied).error());
  }

  Session& session_;
  const DevLayout& layout_;
  const std::size_t number_;
  DevHost node_;
  DevProgress progress_;
};

}  // namespace

Result<bool> apply_dev_node(Session& session, const DevLayout& layout, std::size_t number) {
  return NodeRun(session, layout, number).apply().while_doing(dev_node_name(number));
}

Result<bool> is_finished(Session& session, const DevLayout& layout, std::size_t number) {
  DevHost node(session.host, layout.node(dev_node_name(number)));
  TRY(record, read_node_record(node.host().files));
  return record.receipt && record.receipt->outcome == installers::Receipt::Outcome::done;
}

}  // namespace orama::cli
