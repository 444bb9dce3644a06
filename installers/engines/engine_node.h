// What an engine's configuration is made from: which node this is, and the members that its agent
// knew last. Both are files of the agent's folder without a secret in them, read at each start of
// an engine, so that a configuration never has to be changed while the engine runs.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/api/node_file.h"
#include "common/result.h"
#include "installers/host/files.h"

namespace orama::installers {

struct EngineNode {
  api::NodeFile node;
  api::Desired desired;  // empty before the agent knows any

  std::string mesh_ip() const { return node.mesh_ip.to_string(); }
};

// Where Kubo's RPC is: the loopback address, but in a development cluster, whose nodes share one,
// the mesh address.
std::string local_ip(const std::string& mesh_ip);

Result<EngineNode> read_engine_node(Files& files);

// Members that are ready, this node among them; at least 1.
std::size_t ready_members(const api::Desired& desired);

// Olric's memberCountQuorum: from three members on a majority, below that 1, since of two each
// must go on without the other (engines-storage.md 2).
std::size_t cache_quorum(const api::Desired& desired);

// "/ip4/10.0.0.2/tcp/4001"
std::string multiaddress(const std::string& ip, int port);

}  // namespace orama::installers
