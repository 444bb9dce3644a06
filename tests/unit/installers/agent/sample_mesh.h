// A node, two members and the host around them, for the agent's tests.
#pragma once

#include <string>

#include "common/api/desired.h"
#include "common/crypto/encoding.h"
#include "common/crypto/keys.h"
#include "common/crypto/secret.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/agent/desired_rules.h"
#include "installers/host/command_runner.h"
#include "tests/support/fake_host.h"

namespace orama::tests {

inline std::string member_key(char byte) {
  return crypto::to_base64(std::string(32, byte));
}

inline crypto::Secret sample_private_key() {
  return crypto::Secret(std::string(32, '\x42'));
}

inline installers::MeshIdentity sample_identity() {
  return {"node_0192d3f8-7a6b-7c3d-9e4f-000000000001", mesh::Cidr::parse("10.0.0.0/24").value(),
          mesh::IpAddress::parse("10.0.0.1").value(),
          crypto::x25519_from_private(sample_private_key()).value().public_key};
}

inline api::Desired::Peer sample_peer(int number) {
  const std::string text = std::to_string(number);
  return {"node_0192d3f8-7a6b-7c3d-9e4f-00000000000" + text,
          "node" + text,
          "10.0.0." + text,
          member_key(static_cast<char>('a' + number)),
          {"203.0.113.1" + text + ":51820"}};
}

// Two members, node2 and node3.
inline api::Desired sample_desired() {
  const installers::MeshIdentity self = sample_identity();
  api::Desired desired;
  desired.version = 7;
  desired.mesh_cidr = "10.0.0.0/24";
  desired.self = {self.id, "node1", "10.0.0.1", true, "ready"};
  desired.peers = {sample_peer(2), sample_peer(3)};
  return desired;
}

inline const char* kSampleNodeJson = R"({
  "version": 1, "id": "node_0192d3f8-7a6b-7c3d-9e4f-000000000001", "name": "node1", "roles": [],
  "mesh_cidr": "10.0.0.0/24", "mesh_ip": "10.0.0.1", "domain": "node1.example.com",
  "base_domain": "example.com", "cluster_id": "cluster_0192d3f8-7a6b-7c3d-9e4f-0000000000ff",
  "public_addresses": ["203.0.113.11"], "founded": FOUNDED, "member": false})";

inline std::string sample_node_json(bool founded) {
  std::string text = kSampleNodeJson;
  return text.replace(text.find("FOUNDED"), 7, founded ? "true" : "false");
}

// ip(8) of a host whose uplink has MTU 1500 and whose orama0 remembers what is set on it.
class FakeIp {
 public:
  explicit FakeIp(FakeCommands& commands) {
    using installers::Command;
    using installers::CommandOutput;
    commands.on("ip -json -details address show dev orama0",
                [this](const Command&) -> Result<CommandOutput> {
                  CommandOutput output;
                  if (!present) {
                    output.exit_status = 1;
                    output.err = "Device \"orama0\" does not exist.";
                    return output;
                  }
                  output.out =
                      R"([{"ifname":"orama0","flags":["POINTOPOINT")" +
                      std::string(up ? R"(,"UP")" : "") + R"(],"linkinfo":{"info_kind":")" + kind +
                      R"("},"mtu":)" + std::to_string(mtu) + R"(,"addr_info":[)" +
                      (address.empty()
                           ? ""
                           : R"({"family":"inet","local":")" +
                                 address.substr(0, address.find('/')) + R"(","prefixlen":)" +
                                 address.substr(address.find('/') + 1) + "}") +
                      "]}]";
                  return output;
                });
    commands.on("ip address replace", [this](const Command& command) -> Result<CommandOutput> {
      address = command.argv[3];
      return CommandOutput{};
    });
    commands.on("ip address delete",
                [](const Command&) -> Result<CommandOutput> { return CommandOutput{}; });
    commands.on("ip link set dev orama0", [this](const Command& command) -> Result<CommandOutput> {
      mtu = std::stoi(command.argv[6]);
      up = true;
      return CommandOutput{};
    });
    commands.on("ip -json -4 route show default", R"([{"dst":"default","dev":"eth0"}])");
    commands.on("ip -json -6 route show default", "[]");
    commands.on("ip -json link show dev eth0", [this](const Command&) -> Result<CommandOutput> {
      CommandOutput output;
      output.out = R"([{"ifname":"eth0","mtu":)" + std::to_string(uplink_mtu) + "}]";
      return output;
    });
  }

  void restart() {
    address.clear();
    up = false;
    mtu = 1420;
  }

  bool present = true, up = false;
  int mtu = 1420, uplink_mtu = 1500;
  std::string address, kind = "tun";
};

}  // namespace orama::tests
