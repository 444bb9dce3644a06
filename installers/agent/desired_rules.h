// The agent's judgement of Desired, which it treats as hostile (architecture.md 13): who this node
// is comes from node.json, never from the gateway; a member's key and address never change; a
// member goes only when `removed` names it; endpoints and join lists hold nothing but members'
// addresses; a member's peer id, once known, stays. Pure; fuzzed.
#pragma once

#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"

namespace orama::installers {

struct MeshIdentity {
  std::string id;
  mesh::Cidr mesh_cidr;
  mesh::IpAddress mesh_ip;
  std::string public_key;  // 32 bytes
};

// The set to apply and save: `next` and those members of `saved` that nothing removed. not_allowed,
// and nothing is taken over, when any rule is broken.
Result<api::Desired> accept_desired(const MeshIdentity& self, const api::Desired& saved,
                                    const api::Desired& next);

// What brings the device to `wanted`. Peers that neither is about stay. An endpoint is set on a
// peer that is new or whose endpoints differ from those in `before`: else the device knows better,
// it follows roaming.
std::vector<MeshPeerChange> mesh_peer_changes(const MeshDeviceState& device,
                                              const api::Desired& before,
                                              const api::Desired& wanted);

}  // namespace orama::installers
