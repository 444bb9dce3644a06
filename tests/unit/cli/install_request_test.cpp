#include "cli/install_request.h"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/command.h"
#include "common/result.h"
#include "installers/node_spec.h"

namespace orama::cli {
namespace {

struct Value {
  std::string flag, text;
};

Result<InstallRequest> request(const std::vector<Value>& values) {
  Arguments arguments;
  for (const Value& value : values) {
    arguments.flags[value.flag].push_back(value.text);
  }
  return parse_install_request(arguments);
}

}  // namespace

TEST_CASE("values are taken and normalised") {
  const auto all = request({{"--vps-ip", "2001:DB8:0:0::1"},
                            {"--domain", "Node1.Example.COM."},
                            {"--base-domain", "example.com"},
                            {"--name", "node-1"},
                            {"--mesh-cidr", "10.87.0.0/24"},
                            {"--email", "ops+orama@example.com"},
                            {"--tls", "acme"},
                            {"--acme-ca", "https://acme.test:14000/dir"},
                            {"--acme-ca-root", "/root/../root/pebble.pem"}});
  REQUIRE(all.ok());
  CHECK(all->public_address->to_string() == "2001:db8::1");
  CHECK(all->domain == "node1.example.com");
  CHECK(all->mesh_cidr->to_string() == "10.87.0.0/24");
  CHECK(all->tls == installers::TlsMode::acme);
  CHECK(all->acme_ca_root == "/root/pebble.pem");
  const auto detect = request({{"--vps-ip", "auto"}});
  REQUIRE(detect.ok());
  CHECK(detect->detect_address);
  CHECK_FALSE(detect->public_address);
}

TEST_CASE("a relative path is made absolute, as steps know no working folder") {
  const auto relative =
      request({{"--acme-ca", "https://acme.test/dir"}, {"--acme-ca-root", "pebble.pem"}});
  REQUIRE(relative.ok());
  CHECK(relative->acme_ca_root->starts_with("/"));
  CHECK(relative->acme_ca_root->ends_with("/pebble.pem"));
}

TEST_CASE("wrong values are refused with the flag, what was found and what was expected") {
  for (const Value& wrong : std::vector<Value>{
           {"--vps-ip", "1.2.3"},
           {"--vps-ip", "127.0.0.1"},
           {"--vps-ip", "0.0.0.0"},
           {"--vps-ip", "224.0.0.1"},
           {"--vps-ip", "169.254.1.1"},
           {"--vps-ip", "fe80::1"},
           {"--vps-ip", "::1"},
           {"--vps-ip", "node1.example.com"},
           {"--vps-ip", "203.0.113.11 "},
           {"--domain", "not a domain"},
           {"--domain", "x;reboot.example.com"},
           {"--domain", "single"},
           {"--domain", ""},
           {"--base-domain", "-bad.example.com"},
           {"--name", "Node_1"},
           {"--name", "-node"},
           {"--name", std::string(64, 'a')},
           {"--mesh-cidr", "10.0.0.0/8"},
           {"--mesh-cidr", "8.8.8.0/24"},
           {"--mesh-cidr", "10.0.0.1/24"},
           {"--mesh-cidr", "127.0.0.0/24"},
           {"--email", "nobody"},
           {"--email", "a b@example.com"},
           {"--email", "a{$HOME}@example.com"},
           {"--email", "@example.com"},
           {"--tls", "maybe"},
           {"--tls", ""},
           {"--acme-ca", "http://acme.test/dir"},
           {"--acme-ca", "https://"},
           {"--acme-ca", "https:///dir"},
           {"--acme-ca", "https://acme.test/a b"},
           {"--acme-ca", "https://acme.test/`reboot`"},
           {"--acme-ca", "https://acme.test/{env.HOME}"},
           {"--acme-ca", "https://user:secret@acme.test/dir"},
           {"--acme-ca", "https://acme.test/dir\nadmin off"},
           {"--skip", "nonsense"},
       }) {
    const auto refused = request({wrong});
    CAPTURE(wrong.flag);
    CAPTURE(wrong.text);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Errc::invalid_argument);
    CHECK(refused.error().message.find(wrong.flag) != std::string::npos);
  }
}

TEST_CASE("every problem is told at once") {
  const auto refused = request({{"--vps-ip", "x"}, {"--domain", "y"}, {"--tls", "z"}});
  REQUIRE_FALSE(refused.ok());
  const std::string& message = refused.error().message;
  CHECK(message.starts_with("3 problems:\n"));
  for (const char* flag : {"--vps-ip", "--domain", "--tls"}) {
    CHECK(message.find(flag) != std::string::npos);
  }
}

TEST_CASE("flags that contradict each other") {
  CHECK_FALSE(request({{"--tls", "internal"}, {"--acme-ca", "https://acme.test/dir"}}).ok());
  CHECK_FALSE(request({{"--acme-ca-root", "/root/pebble.pem"}}).ok());
  CHECK_FALSE(request({{"--vps-ip", "10.0.0.7"}, {"--mesh-cidr", "10.0.0.0/24"}}).ok());
  CHECK(request({{"--vps-ip", "10.0.1.7"}, {"--mesh-cidr", "10.0.0.0/24"}}).ok());
}

// A host that was meant to join must not found a cluster of its own.
TEST_CASE("--join and --token need each other, and the cluster has its own range and domain") {
  const Value join{"--join", "https://node1.example.com"}, token{"--token", "orama1_SECRET"};
  const auto both = request({join, token, {"--timeout", "90s"}});
  REQUIRE(both.ok());
  CHECK(both->join == "https://node1.example.com");
  CHECK(both->timeout == std::chrono::seconds(90));
  CHECK(request({join}).error().message.find("--token") != std::string::npos);
  CHECK(request({token}).error().message.find("--join") != std::string::npos);
  CHECK(request({token}).error().message.find("SECRET") == std::string::npos);
  for (const Value& wrong :
       {Value{"--base-domain", "example.com"}, Value{"--mesh-cidr", "10.87.0.0/24"},
        Value{"--timeout", "0s"}, Value{"--timeout", "61m"}, Value{"--timeout", "x"}}) {
    const auto refused = request({join, token, wrong});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find(wrong.flag) != std::string::npos);
  }
  CHECK(request({join, token, {"--timeout", "1s"}}).ok());
  CHECK(request({join, token, {"--timeout", "1h"}}).ok());
  CHECK_FALSE(request({{"--timeout", "10s"}}).ok());
}

TEST_CASE("ORAMA_TOKEN stands in for --token, with --join only") {
  Arguments arguments;
  arguments.flags["--join"] = {"https://node1.example.com"};
  CHECK(parse_install_request(arguments, EnvironmentToken::present).ok());
  CHECK_FALSE(parse_install_request(arguments, EnvironmentToken::absent).ok());
}

}  // namespace orama::cli
