// `orama mesh show|up|down`: what a person sees of the mesh, and starting or stopping it. No
// private key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/api/desired.h"
#include "common/result.h"
#include "installers/agent/mesh_device.h"
#include "installers/host/host.h"
#include "installers/host/mesh_interface.h"
#include "installers/host/systemd.h"

namespace orama::installers {

struct MeshView {
  MeshInterfaceState interface;
  std::optional<MeshDeviceState> device;  // absent: see device_problem
  std::string device_problem;             // "" or why the device could not be read
  std::string back_end;                   // mesh_back_end_name
  UnitState agent, wireguard;
  std::vector<api::Desired::Peer> members;  // the agent's saved set: names for the device's peers
};

// Reads what the caller may: without root the device stays unknown, and says so.
Result<MeshView> read_mesh(Host& host, MeshDevice& device);

// Where the device reaches the peer of that key (base64); nothing before the first handshake with
// it, or when the device cannot be read.
std::optional<std::string> tunnel_endpoint(MeshDevice& device, const std::string& wg_public_key);

// Starts the device's unit and the agent; returns when orama0 has its address.
Result<void> mesh_up(Host& host);
// Stops both: orama0 goes away with its address. The services go on and lose their peers; a boot or
// `up` brings it back.
Result<void> mesh_down(Host& host);

}  // namespace orama::installers
