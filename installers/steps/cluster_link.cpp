#include "installers/steps/cluster_link.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/clock.h"
#include "common/join/messages.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/host.h"
#include "installers/steps/join_record.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kRetryInterval{500};

}  // namespace

std::string answer_words(const LinkAnswer& answer) {
  const std::string code = text_of(answer.body, "code");
  const std::string words = text_of(answer.body, "error");
  return std::to_string(answer.status) + (code.empty() ? "" : " " + code) +
         (words.empty() ? "" : ": " + words);
}

Error place_is_gone(Host& host, const std::string& found) {
  Error error = make_error(
      Errc::conflict,
      "the cluster does not hold this node's place any more, as the join took too long: " + found,
      "type the whole join command again: it goes on with the same keys");
  if (const auto removed = remove_join_record(host.files); !removed.ok()) {
    error.message += "; and " + removed.error().full_message();
  }
  return error;
}

Result<LinkAnswer> ask_cluster(Host& host, ClusterLink& link, const std::vector<join::Peer>& peers,
                               const LinkQuestion& question) {
  const SteadyTime deadline = host.clock.steady_now() + question.patience;
  std::string last = "the cluster's answer names no member";
  for (;;) {
    std::size_t refused = 0;
    for (const join::Peer& peer : peers) {
      if (question.interrupted != nullptr && question.interrupted->load()) {
        return make_error(Errc::interrupted, "interrupted while a member of the cluster was asked",
                          "Type the same command again: it goes on where it stopped.");
      }
      auto answer = link.call(peer, question.path, question.body);
      if (answer.ok() && !question.busy.contains(answer->status)) {
        return answer;
      }
      refused += !answer.ok() && answer.error().code == Errc::not_allowed ? 1 : 0;
      last = peer.name + " (" + peer.mesh_ip.to_string() +
             "): " + (answer.ok() ? answer_words(*answer) : answer.error().full_message());
    }
    if (host.clock.steady_now() + kRetryInterval >= deadline) {
      return make_error(
          refused > 0 && refused == peers.size() ? Errc::not_allowed : Errc::unreachable,
          "no member of the cluster answers " + question.path +
              " over the mesh; the last one tried was " + last,
          "orama mesh show; on the member: journalctl -u orama-gateway");
    }
    host.clock.sleep_for(kRetryInterval);
  }
}

}  // namespace orama::installers
