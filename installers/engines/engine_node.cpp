#include "installers/engines/engine_node.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/json.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

Result<api::Desired> read_saved(Files& files) {
  const auto text = files.read(paths::kSavedDesired);
  if (!text.ok()) {
    return text.error().code == Errc::not_found ? Result<api::Desired>(api::Desired())
                                                : text.error();
  }
  TRY(body, parse_json(*text));
  return api::Desired::from_json(body);
}

constexpr std::size_t kMajorityFrom = 3;

}  // namespace

std::string local_ip(const std::string& mesh_ip) {
  constexpr const char* kLoopback = "127.0.0.1";
  return mesh_ip.starts_with("127.") ? mesh_ip : kLoopback;
}

Result<EngineNode> read_engine_node(Files& files) {
  TRY(text, files.read(paths::kNodeJson));
  auto node = api::NodeFile::from_text(text);
  if (!node.ok()) {
    return std::move(node).while_doing(std::string("reading ") + paths::kNodeJson).error();
  }
  auto desired = read_saved(files);
  if (!desired.ok()) {
    return std::move(desired).while_doing(std::string("reading ") + paths::kSavedDesired).error();
  }
  return EngineNode{std::move(*node), std::move(*desired)};
}

std::size_t ready_members(const api::Desired& desired) {
  const std::size_t self = desired.self.state == "ready" ? 1 : 0;
  return std::max<std::size_t>(1, desired.rqlite_join.size() + self);
}

std::size_t cache_quorum(const api::Desired& desired) {
  const std::size_t members = ready_members(desired);
  return members < kMajorityFrom ? 1 : members / 2 + 1;
}

std::string multiaddress(const std::string& ip, int port) {
  return "/ip4/" + ip + "/tcp/" + std::to_string(port);
}

}  // namespace orama::installers
