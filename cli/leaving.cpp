#include "cli/leaving.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/admin_client.h"
#include "cli/node_record.h"
#include "cli/session.h"
#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/paths.h"

namespace orama::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kPause{500};

// Who else is in the cluster, as the gateway says or, without one, as the agent saved it last.
enum class Others { none, some, we_are_out };

Result<Others> others_by_gateway(Session& session, const std::string& own_id) {
  TRY(answer, admin_call(session, "GET", "/admin/nodes"));
  Others others = Others::none;
  for (const json& item : answer.value("nodes", json::array())) {
    TRY(node, api::Node::from_json(item));
    if (node.id == own_id && node.state == "removed") {
      return Others::we_are_out;
    }
    if (node.id != own_id && (node.state == "ready" || node.state == "leaving")) {
      others = Others::some;
    }
  }
  return others;
}

Others others_by_agent(Session& session) {
  const auto text = session.host.files.read(installers::paths::kSavedDesired);
  const auto body = text.ok() ? parse_json(*text) : Result<json>(text.error());
  const auto saved =
      body.ok() ? api::Desired::from_json(*body) : Result<api::Desired>(body.error());
  return saved.ok() && !saved->peers.empty() ? Others::some : Others::none;
}

std::string row_stays(const api::NodeFile& node, const std::string& why) {
  return why + " The others still count this node as a member: type on one of them\n" +
         "  sudo orama node remove " + node.name + " --yes\n";
}

std::string without_end(const std::string& sentence) {
  return sentence.ends_with('.') ? sentence.substr(0, sentence.size() - 1) : sentence;
}

}  // namespace

std::string voter_arithmetic(const json& answer) {
  const auto number = [&](const char* key) { return std::to_string(answer.value(key, 0)); };
  return "Registry voters: " + number("voters_before") + " now, " + number("voters_after") +
         " after; it can lose " + number("tolerates_before") + " now, " +
         number("tolerates_after") + " after.\n";
}

Result<json> leave_cluster(Session& session) {
  const SteadyTime until = session.host.clock.steady_now() + kPatience;
  bool begun = false;
  for (;;) {
    auto answer = admin_call(session, "POST", "/admin/leave", {{"plan", false}});
    const Errc code = answer.ok() ? Errc::failed : answer.error().code;
    // Its own registry restarts as a non-voter meanwhile, and is away for a moment.
    begun = begun || code == Errc::timeout;
    const bool again =
        !answer.ok() && begun && (code == Errc::timeout || code == Errc::unreachable);
    if (!again || session.interrupted || session.host.clock.steady_now() >= until) {
      return answer;
    }
    session.host.clock.sleep_for(kPause);
  }
}

Result<std::string> leave_before_uninstall(Session& session, LeaveFirst wish) {
  TRY(node, read_node_file(session.host.files));
  if (!node || !(node->founded || node->member)) {
    return std::string();  // it never came to be a member
  }
  const auto known = others_by_gateway(session, node->id);
  const Others others = known.ok() ? *known : others_by_agent(session);
  if (others == Others::none) {
    return std::string();
  }
  if (others == Others::we_are_out) {
    return std::string("This node is out of its cluster already.\n");
  }
  if (wish == LeaveFirst::no) {
    return row_stays(*node, "This node does not leave its cluster first (--no-leave).");
  }
  if (!known.ok()) {
    return row_stays(*node, "This node could not leave its cluster: " +
                                without_end(known.error().message) + ".");
  }
  session.output.say("Leaving the cluster first.");
  const auto left = leave_cluster(session);
  if (left.ok()) {
    return "This node has left its cluster; its keys are refused there for good.\n" +
           voter_arithmetic(*left);
  }
  Error error = left.error();
  if (error.code == Errc::quorum_refused || error.code == Errc::interrupted) {
    error.message =
        "nothing was uninstalled, as this node cannot leave its cluster: " + error.message;
    error.hint +=
        (error.hint.empty() ? "" : ", or ") + std::string("sudo orama uninstall --no-leave --yes");
    return error;
  }
  return row_stays(*node,
                   "This node could not leave its cluster: " + without_end(error.message) + ".");
}

}  // namespace orama::cli
