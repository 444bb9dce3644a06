// What the static units promise, read from the files that are packaged.
#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

std::string unit(const std::string& name) {
  std::ifstream stream("systemd/" + name);
  REQUIRE(stream.good());
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

const std::vector<std::string> kServices = {"orama-agent.service", "orama-gateway.service",
                                            "orama-rqlite.service", "orama-wireguard.service"};

}  // namespace

TEST_CASE("every unit keeps quiet before `orama install`") {
  for (const auto& entry : std::filesystem::directory_iterator("systemd")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("orama") || name.starts_with("orama-firewall")) {
      continue;
    }
    CAPTURE(name);
    CHECK(has(unit(name), "ConditionPathExists=/var/lib/orama/agent/node.json"));
  }
}

TEST_CASE("every service comes back by itself, for ever") {
  for (const std::string& name : kServices) {
    CAPTURE(name);
    CHECK(has(unit(name), "Restart=always"));
    CHECK(has(unit(name), "StartLimitIntervalSec=0"));
    CHECK(has(unit(name), "WantedBy=orama.target"));
    CHECK(has(unit(name), "NoNewPrivileges=yes"));
    CHECK(has(unit(name), "ProtectSystem=strict"));
  }
}

TEST_CASE("the gateway is told no more than it uses and holds no capability") {
  const std::string gateway = unit("orama-gateway.service");
  CHECK(has(gateway, "CapabilityBoundingSet="));
  CHECK(has(gateway, "User=orama"));
  std::size_t credentials = 0;
  for (const char* name : {"registry-password", "cluster-join.key", "node.key", "databases.key",
                           "olric-password", "ipfs-cluster-rest-password"}) {
    CHECK(has(gateway, std::string("LoadCredential=") + name + ":/etc/orama/secrets/" + name));
  }
  for (std::size_t at = 0; (at = gateway.find("LoadCredential=", at)) != std::string::npos; ++at) {
    ++credentials;
  }
  CHECK(credentials == 6);
  CHECK(has(gateway,
            "ExecStartPre=/usr/lib/orama/orama-gateway --check --config /etc/orama/orama.yaml"));
}

TEST_CASE("the mesh device's unit may make an interface and nothing else") {
  const std::string device = unit("orama-wireguard.service");
  CHECK(has(device, "ExecStart=/usr/bin/orama agent mesh-device"));
  CHECK(has(device, "CapabilityBoundingSet=CAP_NET_ADMIN"));
  CHECK(has(device, "ProtectKernelModules=yes"));
  CHECK(has(device, "DeviceAllow=/dev/net/tun rw"));
  const std::string agent = unit("orama-agent.service");
  CHECK(agent.find(" orama-wireguard.service\nWants=orama-wireguard.service\n") !=
        std::string::npos);
}

TEST_CASE("no service stops with another; only a restarted socket takes its process along") {
  for (const std::string& name : kServices) {
    CAPTURE(name);
    const std::string text = unit(name);
    CHECK(text.find("\nPartOf=") == std::string::npos);
    CHECK(text.find("\nBindsTo=") == std::string::npos);
    if (name != "orama-gateway.service") {
      CHECK(text.find("\nRequires=") == std::string::npos);
    }
  }
}

TEST_CASE("no secret stands in a command line or an environment") {
  for (const std::string& name : kServices) {
    CAPTURE(name);
    CHECK(unit(name).find("password=") == std::string::npos);
    CHECK(unit(name).find("SetCredential=") == std::string::npos);
  }
  CHECK(
      unit("orama-rqlite.service").find("EnvironmentFile=-/var/lib/orama/agent/rqlite-join.env") !=
      std::string::npos);
  CHECK(unit("orama-rqlite.service").find("$ORAMA_JOIN /var/lib/orama/rqlite") !=
        std::string::npos);
  CHECK(unit("orama-rqlite.service")
            .find("-auth ${CREDENTIALS_DIRECTORY}/rqlite-auth.json -fk -auto-optimize-int 0h") !=
        std::string::npos);
}
