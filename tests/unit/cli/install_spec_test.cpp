#include "cli/install_spec.h"

#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "cli/install_request.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy.h"
#include "installers/steps/join_record.h"
#include "tests/support/fake_host.h"

namespace orama::cli {
namespace {

using installers::NodeSpec;
using installers::TlsMode;

mesh::IpAddress address(const char* text) {
  return mesh::IpAddress::parse(text).value();
}

struct World {
  tests::FixedRandom random;
  std::optional<NodeSpec> recorded;
  std::string host_name = "Web1.internal";
  Result<mesh::IpAddress> detected = address("203.0.113.50");
  std::optional<installers::JoinRecord> joined;
  installers::DefaultTls tls{TlsMode::internal, "node1.example.com does not resolve"};

  Result<SpecDecision> decide(const InstallRequest& request) {
    return decide_spec(request, {recorded,
                                 host_name,
                                 [this] { return detected; },
                                 [this](const std::string&, const mesh::IpAddress&) { return tls; },
                                 random,
                                 {},
                                 joined});
  }
};

InstallRequest first_request() {
  InstallRequest request;
  request.public_address = address("203.0.113.11");
  request.domain = "node1.example.com";
  return request;
}

}  // namespace

TEST_CASE("a first install takes its defaults from the flags and the host") {
  World world;
  const auto decision = world.decide(first_request());
  REQUIRE(decision.ok());
  const NodeSpec& spec = decision->spec;
  CHECK(spec.node_id.starts_with("node_"));
  CHECK(spec.cluster_id.starts_with("cluster_"));
  CHECK(spec.node_id.size() == std::string("node_").size() + 36);
  CHECK(spec.name == "web1");
  CHECK(spec.base_domain == "example.com");
  CHECK(spec.mesh_cidr.to_string() == "10.0.0.0/24");
  CHECK(spec.mesh_ip.to_string() == "10.0.0.1");
  CHECK(spec.firewall);
  CHECK_FALSE(spec.nameserver);
  CHECK(spec.tls == TlsMode::internal);
  CHECK(decision->tls_reason == "node1.example.com does not resolve");
  CHECK(decision->differences.empty());
}

TEST_CASE("flags win over defaults") {
  World world;
  InstallRequest request = first_request();
  request.name = "node1";
  request.base_domain = "cluster.example";
  request.mesh_cidr = mesh::Cidr::parse("10.87.0.0/24").value();
  request.nameserver = true;
  request.skip_firewall = true;
  request.tls = TlsMode::internal;
  const auto decision = world.decide(request);
  REQUIRE(decision.ok());
  CHECK(decision->spec.name == "node1");
  CHECK(decision->spec.base_domain == "cluster.example");
  CHECK(decision->spec.mesh_ip.to_string() == "10.87.0.1");
  CHECK(decision->spec.nameserver);
  CHECK_FALSE(decision->spec.firewall);
  CHECK(decision->tls_reason.empty());
}

TEST_CASE("TLS by ACME where the domain resolves here, and where an ACME server is named") {
  World world;
  world.tls = {TlsMode::acme, "node1.example.com resolves to 203.0.113.11"};
  CHECK(world.decide(first_request())->spec.tls == TlsMode::acme);
  world.tls = {TlsMode::internal, "it does not resolve"};
  InstallRequest request = first_request();
  request.acme_ca = "https://acme.test:14000/dir";
  const auto decision = world.decide(request);
  CHECK(decision->spec.tls == TlsMode::acme);
  CHECK(decision->spec.acme_ca == "https://acme.test:14000/dir");
}

TEST_CASE("a first install without its two required flags names them") {
  World world;
  const auto both = world.decide(InstallRequest{});
  REQUIRE_FALSE(both.ok());
  CHECK(both.error().code == Errc::invalid_argument);
  CHECK(both.error().message.find("--vps-ip") != std::string::npos);
  CHECK(both.error().message.find("--domain") != std::string::npos);
  InstallRequest no_domain = first_request();
  no_domain.domain.reset();
  CHECK(world.decide(no_domain).error().message == "a new node needs --domain NAME");
  InstallRequest no_address = first_request();
  no_address.public_address.reset();
  CHECK(world.decide(no_address).error().message == "a new node needs --vps-ip ADDRESS");
}

TEST_CASE("--vps-ip auto asks the host, and its error is the answer when it has none") {
  World world;
  InstallRequest request = first_request();
  request.public_address.reset();
  request.detect_address = true;
  CHECK(world.decide(request)->spec.public_address.to_string() == "203.0.113.50");
  world.detected = make_error(Errc::invalid_argument, "no public address; give --vps-ip");
  CHECK(world.decide(request).error().message == "no public address; give --vps-ip");
}

TEST_CASE("a host name that makes no node name asks for --name") {
  World world;
  world.host_name = "web_1";
  const auto refused = world.decide(first_request());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().hint == "add --name NAME");
}

TEST_CASE("a detected address inside the mesh range is refused with another range") {
  World world;
  world.detected = address("10.0.0.9");
  InstallRequest request = first_request();
  request.public_address.reset();
  request.detect_address = true;
  const auto refused = world.decide(request);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().hint.find("--mesh-cidr") != std::string::npos);
}

TEST_CASE("a second run without flags is the recorded spec") {
  World world;
  InstallRequest first = first_request();
  first.nameserver = true;
  first.skip_firewall = true;
  first.acme_ca = "https://acme.test:14000/dir";
  world.recorded = world.decide(first)->spec;
  const auto again = world.decide(InstallRequest{});
  REQUIRE(again.ok());
  CHECK(again->spec.to_json() == world.recorded->to_json());
  CHECK(again->differences.empty());
  CHECK(again->tls_reason.empty());
  const auto same = world.decide(first);
  REQUIRE(same.ok());
  CHECK(same->spec.to_json() == world.recorded->to_json());
  CHECK(same->differences.empty());
}

TEST_CASE("flags that differ change what may change, and each is named") {
  World world;
  world.recorded = world.decide(first_request())->spec;
  InstallRequest request;
  request.nameserver = true;
  request.email = "ops@example.com";
  request.domain = "n1.example.com";
  const auto decision = world.decide(request);
  REQUIRE(decision.ok());
  REQUIRE(decision->differences.size() == 3);
  CHECK(decision->differences[0].field == "domain");
  CHECK(decision->differences[0].before == "node1.example.com");
  CHECK(decision->differences[0].after == "n1.example.com");
  CHECK(decision->differences[1].field == "nameserver");
  CHECK(decision->differences[2].field == "email");
  CHECK(decision->differences[2].before == "unset");
  CHECK(decision->spec.node_id == world.recorded->node_id);
  CHECK(decision->spec.base_domain == "example.com");
}

TEST_CASE("a role is given up only when asked for") {
  World world;
  InstallRequest first = first_request();
  first.nameserver = true;
  world.recorded = world.decide(first)->spec;
  InstallRequest request;
  CHECK(world.decide(request)->spec.nameserver);
  request.nameserver = false;
  const auto decision = world.decide(request);
  REQUIRE(decision.ok());
  CHECK_FALSE(decision->spec.nameserver);
  REQUIRE(decision->differences.size() == 1);
  CHECK(decision->differences[0].field == "nameserver");
}

TEST_CASE("the identity of a node does not change") {
  World world;
  world.recorded = world.decide(first_request())->spec;
  InstallRequest name, range, base;
  name.name = "other";
  range.mesh_cidr = mesh::Cidr::parse("10.9.0.0/24").value();
  base.base_domain = "other.example";
  for (const auto& [request, flag] : {std::pair{name, "--name"}, std::pair{range, "--mesh-cidr"},
                                      std::pair{base, "--base-domain"}}) {
    const auto refused = world.decide(request);
    CAPTURE(flag);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::conflict);
    CHECK(refused.error().message.find(flag) != std::string::npos);
    CHECK(refused.error().hint.find("orama uninstall --purge") != std::string::npos);
  }
}

TEST_CASE("going back to the internal CA forgets the ACME server") {
  World world;
  InstallRequest first = first_request();
  first.acme_ca = "https://acme.test:14000/dir";
  world.recorded = world.decide(first)->spec;
  InstallRequest request;
  request.tls = TlsMode::internal;
  const auto decision = world.decide(request);
  REQUIRE(decision.ok());
  CHECK(decision->spec.tls == TlsMode::internal);
  CHECK(decision->spec.acme_ca.empty());
}

TEST_CASE("a joiner is what the cluster answered, its domain from name and base domain") {
  World world;
  world.detected = make_error(Errc::invalid_argument, "no public address");
  installers::JoinRecord record;
  record.invite = "aW52aXRl";
  record.grant.cluster_id = "cluster_1";
  record.grant.node_id = "node_9";
  record.grant.node_name = "web9";
  record.grant.base_domain = "cluster.example";
  record.grant.mesh_cidr = mesh::Cidr::parse("10.9.0.0/24").value();
  record.grant.mesh_ip = address("10.9.0.9");
  record.grant.observed = "203.0.113.99";
  world.joined = record;
  InstallRequest request;
  request.detect_address = true;
  const auto decision = world.decide(request);
  REQUIRE(decision.ok());
  CHECK(decision->spec.invite == "aW52aXRl");
  CHECK(decision->spec.node_id == "node_9");
  CHECK(decision->spec.domain == "web9.cluster.example");
  CHECK(decision->spec.base_domain == "cluster.example");
  CHECK(decision->spec.mesh_ip.to_string() == "10.9.0.9");
  CHECK(decision->spec.public_address.to_string() == "203.0.113.99");

  request.domain = "other.example.com";
  world.detected = address("203.0.113.50");
  CHECK(world.decide(request)->spec.domain == "other.example.com");
  CHECK(world.decide(request)->spec.public_address.to_string() == "203.0.113.50");
  world.recorded = world.decide(request)->spec;
  CHECK(world.decide({})->spec.domain == "other.example.com");
  world.joined->grant.observed = "";
  world.recorded.reset();
  world.detected = make_error(Errc::invalid_argument, "no public address");
  CHECK_FALSE(world.decide(request).ok());
}

}  // namespace orama::cli
