#include "installers/engines/olric.h"

#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "common/atomic_file.h"
#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/resp/client.h"
#include "common/resp/reply.h"
#include "common/result.h"
#include "installers/host/files.h"
#include "installers/paths.h"

namespace orama::installers {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr const char* kNoQuorum = "failed to find enough peers";

Error refused(const std::string& mesh_ip, const resp::RespReply& reply) {
  return make_error(Errc::failed,
                    "the cache on " + mesh_ip + " refuses: " + reply.text.substr(0, 200),
                    "journalctl -u orama-olric");
}

Result<CacheView> ask(const std::string& mesh_ip, const crypto::Secret& password) {
  TRY(address, mesh::IpAddress::parse(mesh_ip));
  TRY(client, resp::RespClient::connect(address, paths::kOlricPort, kPatience));
  TRY(authenticated, client.command({"AUTH", password.reveal()}));
  if (authenticated.is_error()) {
    return authenticated.text.find(kNoQuorum) != std::string::npos
               ? Result<CacheView>(CacheView())
               : refused(mesh_ip, authenticated);
  }
  TRY(reply, client.command({"CLUSTER.MEMBERS"}));
  if (reply.is_error()) {
    return reply.text.find(kNoQuorum) != std::string::npos ? Result<CacheView>(CacheView())
                                                           : refused(mesh_ip, reply);
  }
  TRY(members, parse_cache_members(reply));
  return CacheView{true, std::move(members)};
}

}  // namespace

CacheLook olric_look(Files& files) {
  return [&files](const std::string& mesh_ip) -> Result<CacheView> {
    TRY(password, files.read(std::string(paths::kSecrets) + "/olric-password"));
    return ask(mesh_ip, crypto::Secret(without_line_end(std::move(password))));
  };
}

Result<std::set<std::string>> parse_cache_members(const resp::RespReply& reply) {
  using Kind = resp::RespReply::Kind;
  const Error unreadable =
      make_error(Errc::failed,
                 "the cache's list of members is not readable: expected arrays that "
                 "begin with an address and a port");
  if (reply.kind != Kind::array) {
    return unreadable;
  }
  std::set<std::string> members;
  for (const resp::RespReply& member : reply.elements) {
    if (member.kind != Kind::array || member.elements.empty() ||
        member.elements.front().kind != Kind::bulk) {
      return unreadable;
    }
    const std::string& name = member.elements.front().text;
    const auto colon = name.rfind(':');
    if (colon == std::string::npos || colon == 0) {
      return unreadable;
    }
    members.insert(name.substr(0, colon));
  }
  return members;
}

}  // namespace orama::installers
