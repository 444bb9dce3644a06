#include "installers/agent/agent.h"

#include <net/if.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/json.h"
#include "common/log.h"
#include "common/result.h"
#include "installers/agent/actual_report.h"
#include "installers/agent/desired_poller.h"
#include "installers/agent/desired_rules.h"
#include "installers/agent/mesh_device.h"
#include "installers/agent/mesh_keeper.h"
#include "installers/agent/periodic_task.h"
#include "installers/agent/service_notifier.h"
#include "installers/agent/task_runner.h"
#include "installers/host/files.h"
#include "installers/host/host.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::seconds kReportInterval{5};
// While a peer has never answered: `heard` of a join must not be older (join.md, Exchange).
constexpr std::chrono::seconds kEagerReportInterval{1};
constexpr std::chrono::seconds kFollowInterval{1};
constexpr std::chrono::seconds kFullLook{60};

struct Identity {
  MeshIdentity mesh;
  crypto::Secret private_key;
};

Result<Identity> load_identity(Host& host, const AgentOptions& options) {
  TRY(text, host.files.read(paths::kNodeJson));
  auto node = api::NodeFile::from_text(text);
  if (!node.ok()) {
    return std::move(node).while_doing(std::string("reading ") + paths::kNodeJson).error();
  }
  TRY(key_text, host.files.read(options.credentials + "/wireguard.key"));
  auto key = crypto::from_base64(without_line_end(std::move(key_text)));
  if (!key.ok()) {
    return make_error(Errc::failed, "the credential wireguard.key holds no base64 key",
                      "restore /etc/orama/secrets/wireguard.key from a backup");
  }
  Identity identity;
  identity.private_key = crypto::Secret(std::move(key).value());
  TRY(pair, crypto::x25519_from_private(identity.private_key));
  identity.mesh = {node->id, node->mesh_cidr, node->mesh_ip, pair.public_key};
  return identity;
}

// A set that was saved under another identity, or damaged, is no set: the gateway gives a new one.
api::Desired load_saved(Host& host, const MeshIdentity& self, const std::string& path,
                        const Log& log) {
  const auto text = host.files.read(path);
  if (!text.ok()) {
    return {};
  }
  const auto body = parse_json(*text);
  auto saved = body.ok() ? api::Desired::from_json(*body) : Result<api::Desired>(body.error());
  auto accepted = saved.ok() ? accept_desired(self, {}, *saved) : std::move(saved);
  if (!accepted.ok()) {
    log.error("the saved desired state is not used", accepted.error(), {{"file", path}});
    return {};
  }
  return std::move(accepted).value();
}

class Agent {
 public:
  Agent(Host& host, MeshDevice& device, ServiceNotifier& notifier, const Log& log,
        const AgentOptions& options, Identity identity)
      : host_(host),
        notifier_(notifier),
        log_(log),
        options_(options),
        summary_("orama0 has " + identity.mesh.mesh_ip.to_string()),
        keeper_(host, device, index_of(options), identity.mesh, std::move(identity.private_key),
                load_saved(host, identity.mesh, options.saved_desired, log)),
        report_(host, device) {}

  void run(const std::atomic<bool>& stop) {
    DesiredPoller poller(host_.http, host_.clock, options_.admin_socket, log_.named("desired"));
    TaskRunner background(host_.clock, log_, tasks());
    std::vector<std::unique_ptr<TaskRunner>> followers;
    followers.reserve(options_.followers.size());
    for (const DesiredTask& task : options_.followers) {
      followers.push_back(std::make_unique<TaskRunner>(host_.clock, log_, following(task)));
    }
    while (!stop) {
      notifier_.alive();
      keep();
      if (auto next = poller.take()) {
        poller.finished(next->version, take_over(*next));
        background.run_soon(kReportTask);
        for (std::size_t i = 0; i < followers.size(); ++i) {
          followers[i]->run_soon(options_.followers[i].name);
        }
      }
      host_.clock.sleep_for(kTick);
    }
    notifier_.stopping();
  }

 private:
  static constexpr const char* kReportTask = "report";

  static std::function<unsigned()> index_of(const AgentOptions& options) {
    return options.interface_index ? options.interface_index
                                   : [] { return if_nametoindex(paths::kMeshInterface); };
  }

  std::vector<PeriodicTask> tasks() {
    std::vector<PeriodicTask> all = options_.tasks;
    all.push_back({kReportTask, [this] { return report(); }, kReportInterval,
                   [this]() -> std::chrono::milliseconds {
                     return all_met_ ? kReportInterval : kEagerReportInterval;
                   }});
    return all;
  }

  std::vector<PeriodicTask> following(const DesiredTask& task) {
    return {{task.name,
             [this, run = task.run] { return run(keeper_.applied()); },
             kFollowInterval,
             {}}};
  }

  Result<void> report() {
    const api::Desired applied = keeper_.applied();
    const api::Actual actual = report_.make(applied);
    all_met_ = has_met_all(applied, actual);
    return report_.send(actual, options_.admin_socket);
  }

  void keep() {
    const SteadyTime now = host_.clock.steady_now();
    const bool look = ready_ && now - looked_ >= kFullLook;
    const auto kept = look ? keeper_.converge() : keeper_.keep();
    if (look) {
      looked_ = now;
    }
    if (!kept.ok()) {
      tell_problem(kept.error());
      return;
    }
    if (!problem_.empty() || *kept) {
      log_.info("orama0 is set up", {{"state", summary_}});
      notifier_.status(summary_);
      problem_.clear();
    }
    if (!ready_) {
      ready_ = true;
      looked_ = now;
      notifier_.ready(summary_);
    }
  }

  // Once per cause: the loop comes by ten times a second.
  void tell_problem(const Error& error) {
    const std::string problem = error.full_message();
    if (problem != problem_) {
      log_.warn("orama0 is not as it should be", {{"reason", problem}});
      notifier_.status("waiting: " + problem);
      problem_ = problem;
    }
  }

  DesiredPoller::Outcome take_over(const api::Desired& next) {
    const auto taken = keeper_.take_over(next, options_.saved_desired);
    if (!taken.ok()) {
      log_.error("a desired state was not applied", taken.error(),
                 {{"version", std::to_string(next.version)}});
      return DesiredPoller::Outcome::refused;
    }
    log_.info("desired state applied", {{"version", std::to_string(next.version)}});
    return DesiredPoller::Outcome::applied;
  }

  Host& host_;
  ServiceNotifier& notifier_;
  const Log& log_;
  const AgentOptions& options_;
  const std::string summary_;
  MeshKeeper keeper_;
  ActualReport report_;  // the background thread's
  std::atomic<bool> all_met_{false};
  bool ready_ = false;
  SteadyTime looked_{};
  std::string problem_;
};

}  // namespace

Result<void> run_agent(Host& host, MeshDevice& device, ServiceNotifier& notifier, const Log& log,
                       const AgentOptions& options, const std::atomic<bool>& stop) {
  TRY(identity, load_identity(host, options));
  Agent(host, device, notifier, log, options, std::move(identity)).run(stop);
  return {};
}

}  // namespace orama::installers
