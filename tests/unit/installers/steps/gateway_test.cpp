#include "installers/steps/gateway.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "common/api/node_file.h"
#include "common/config_reader.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/node_spec.h"
#include "installers/step.h"
#include "installers/steps/node_file_change.h"
#include "installers/steps/node_sources.h"
#include "installers/steps/registry.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"
#include "tests/unit/installers/steps/sample_spec.h"

using namespace orama::installers;  // NOLINT(google-build-using-namespace): the code under test
using namespace orama::tests;       // NOLINT(google-build-using-namespace): fakes

namespace {

struct Node {
  FakeHost fake;
  std::set<std::string> stale;
  ChangeContext context{fake.host, stale};

  Node() {
    fake.files.put("/usr/share/orama/templates/orama.yaml", source_file("templates/orama.yaml"));
    fake.files.put_directory("/etc/orama");
    fake.files.put_directory("/etc/systemd/system");
    for (const char* unit :
         {"orama-gateway.socket", "orama-gateway.service", "orama-rqlite.service"}) {
      fake.commands.add_unit(unit);
    }
  }

  // Applies every change but the waits.
  void apply(const Step& step) {
    const Changes changes = step.changes(fake.host).value();
    for (const auto& change : changes) {
      if (change->kind() != "wait") {
        REQUIRE(change->apply(context).ok());
      }
    }
  }
};

struct Read {
  std::string domain, url, mesh_ip, engine, base_domain;
  std::string database, cache, storage, pinning;
  std::vector<std::string> roles, addresses, listen;
};

Read read_yaml(const std::string& text) {
  orama::ConfigReader reader(text, "orama.yaml");
  Read read;
  std::string rest;
  reader.required("node.domain", read.domain);
  reader.required("node.mesh_ip", read.mesh_ip);
  reader.required("node.roles", read.roles);
  reader.required("node.public_addresses", read.addresses);
  reader.required("registry.url", read.url);
  reader.required("registry.engine", read.engine);
  reader.required("cluster.base_domain", read.base_domain);
  reader.required("http.listen", read.listen);
  reader.required("database.url", read.database);
  reader.required("cache.address", read.cache);
  reader.required("storage.url", read.storage);
  reader.required("pinning.url", read.pinning);
  for (const char* key :
       {"database.engine", "database.user", "cache.engine", "storage.engine", "pinning.engine",
        "pinning.user", "node.id", "node.name", "node.mesh_cidr", "cluster.id", "cluster.name",
        "registry.user", "http.admin_socket", "log.level", "log.access", "state.folder"}) {
    reader.required(key, rest);
  }
  const auto finished = reader.finish();
  CHECK_MESSAGE(finished.ok(), (finished.ok() ? "" : finished.error().message));
  return read;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

}  // namespace

TEST_CASE("orama.yaml says who the node is and where its registry is, and holds no secret") {
  Node node;
  node.apply(gateway_step(sample_spec(), sample_sources()));
  const std::string text = node.fake.files.content("/etc/orama/orama.yaml");
  const Read read = read_yaml(text);
  CHECK(read.domain == "node1.example.com");
  CHECK(read.mesh_ip == "10.0.0.1");
  CHECK(read.url == "http://10.0.0.1:5001");
  CHECK(read.engine == "rqlite");
  CHECK(read.base_domain == "example.com");
  CHECK(read.database == "http://10.0.0.1:10000");
  CHECK(read.cache == "10.0.0.1:3320");
  CHECK(read.storage == "http://127.0.0.1:4501");
  CHECK(read.pinning == "http://10.0.0.1:9094");
  CHECK(read.roles.empty());
  CHECK(read.addresses == std::vector<std::string>{"203.0.113.11"});
  CHECK(read.listen == std::vector<std::string>{"127.0.0.1:6001", "10.0.0.1:6001"});
  CHECK(text.starts_with("# Written by `orama install`"));
}

TEST_CASE("a nameserver's role and an IPv6 address are written as what they are") {
  Node node;
  NodeSpec spec = sample_spec();
  spec.nameserver = true;
  spec.public_address = orama::mesh::IpAddress::parse("2001:db8:113::11").value();
  node.apply(gateway_step(spec, sample_sources()));
  const Read read = read_yaml(node.fake.files.content("/etc/orama/orama.yaml"));
  CHECK(read.roles == std::vector<std::string>{"nameserver"});
  CHECK(read.addresses == std::vector<std::string>{"2001:db8:113::11"});
}

TEST_CASE(
    "the sockets' drop-in has a listener a thread on each TCP address, with the static unit's "
    "one") {
  const std::string unit = source_file("systemd/orama-gateway.socket");
  for (unsigned threads : {1U, 2U, 8U}) {
    CAPTURE(threads);
    Node node;
    NodeSources sources = sample_sources();
    sources.cores = threads;
    node.apply(gateway_step(sample_spec(), sources));
    const std::string all =
        unit + node.fake.files.content("/etc/systemd/system/orama-gateway.socket.d/addresses.conf");
    CHECK(count(all, "ListenStream=127.0.0.1:6001\n") == threads);
    CHECK(count(all, "ListenStream=10.0.0.1:6001\n") == threads);
    CHECK(count(all, "ListenStream=/run/orama/admin.sock\n") == 1);
  }
}

TEST_CASE(
    "new configuration restarts the gateway and not its sockets; new addresses restart the "
    "sockets") {
  Node node;
  const Changes changes =
      gateway_step(sample_spec(), sample_sources()).changes(node.fake.host).value();
  for (const auto& change : changes) {
    if (change->target() == "/etc/orama/orama.yaml") {
      CHECK(change->affects() == std::vector<std::string>{"orama-gateway.service"});
    }
    if (change->target().ends_with("addresses.conf")) {
      CHECK(change->affects() == std::vector<std::string>{"orama-gateway.socket"});
    }
  }
}

TEST_CASE("the registry's environment names node and address, and its unit uses just those") {
  Node node;
  node.apply(registry_step(sample_spec()));
  const std::string text = node.fake.files.content("/etc/orama/rqlite.env");
  CHECK(text.find("ORAMA_NODE_ID=\"node_0192d3f8-7a6b-7c3d-9e4f-000000000001\"\n") !=
        std::string::npos);
  CHECK(text.find("ORAMA_MESH_IP=\"10.0.0.1\"\n") != std::string::npos);
  const std::string unit = source_file("systemd/orama-rqlite.service");
  CHECK(count(unit, "${ORAMA_MESH_IP}") == 4);
  CHECK(count(unit, "${ORAMA_NODE_ID}") == 1);
  CHECK(node.fake.commands.unit("orama-rqlite.service").enabled == "enabled");
}

TEST_CASE("the registry is ready when it says so to the agent's user; a wrong password is named") {
  Node node;
  node.fake.files.put("/etc/orama/secrets/agent-registry-password", "s3cret\n", {0600});
  Changes changes = registry_step(sample_spec()).changes(node.fake.host).value();
  Change& wait = *changes.back();
  int status = 503;
  node.fake.http.on_request(
      [&status](const orama::HttpRequest& request) -> orama::Result<orama::HttpResponse> {
        CHECK(request.url == "http://10.0.0.1:5001/readyz");
        CHECK(request.user == "agent");
        CHECK(request.password == "s3cret");
        return orama::HttpResponse{status, {}, ""};
      });
  CHECK_FALSE(wait.converged(node.context).value());
  status = 200;
  CHECK(wait.converged(node.context).value());
  status = 401;
  const auto waited = wait.apply(node.context);
  REQUIRE_FALSE(waited.ok());
  CHECK(waited.error().message.find("refuses the agent's password") != std::string::npos);
  CHECK(waited.error().full_message().find("s3cret") == std::string::npos);
}

TEST_CASE(
    "an install over a wiped registry stops before the unit is started and says what is lost") {
  Node node;
  orama::api::NodeFile file = node_file_of(sample_spec());
  file.founded = true;
  node.fake.files.put("/var/lib/orama/agent/node.json", file.to_text());
  const auto changes = registry_step(sample_spec()).changes(node.fake.host);
  REQUIRE_FALSE(changes.ok());
  CHECK(changes.error().message.find("the data of the registry is gone") != std::string::npos);
  node.fake.files.put("/var/lib/orama/rqlite/raft.db", "log");
  CHECK(registry_step(sample_spec()).changes(node.fake.host).ok());
}
