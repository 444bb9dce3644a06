#include "installers/host/command_runner.h"
#include "installers/node_spec.h"
#include "installers/steps/caddy.h"

#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/http_client.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "installers/change.h"
#include "installers/generated_file.h"
#include "installers/paths.h"
#include "installers/steps/caddyfile_change.h"
#include "tests/support/fake_host.h"
#include "tests/support/source_file.h"
#include "tests/unit/installers/edge/certificates.h"
#include "tests/unit/installers/edge/sample_node.h"

namespace orama::tests {
namespace {

using installers::ChangeContext;
using installers::Changes;
using installers::NodeSpec;
using installers::TlsMode;
namespace paths = installers::paths;

struct Bench {
  FakeHost host;
  NodeSpec spec = sample_node();
  std::set<std::string> stale;
  ChangeContext context{host.host, stale};
  std::string served;  // what Caddy runs

  Bench() {
    add_caddy_templates(host.files);
    host.files.put_directory("/etc/orama/caddy");
    host.files.put_directory("/var/lib/orama/install");
    host.files.put("/etc/caddy/Caddyfile", ":80\n");
    host.commands.on("dpkg-query -W", " /etc/caddy/Caddyfile abc\n");
    host.commands.on("md5sum", "abc  /etc/caddy/Caddyfile\n");
    host.commands.on("caddy adapt", "{}");
    FakeUnit caddy;
    caddy.active = "active";
    caddy.enabled = "enabled";
    caddy.on_run = [this] { served = host.files.content(paths::kCaddyfile); };
    host.commands.add_unit("caddy.service", caddy);
    host.commands.on(
        "systemctl show --property=ExecStart caddy.service",
        "ExecStart={ path=/usr/bin/caddy ; argv[]=/usr/bin/caddy run --environ --config "
        "/etc/orama/caddy/Caddyfile ; ignore_errors=no }\n");
    host.http.on_request([this](const HttpRequest& request) -> Result<HttpResponse> {
      if (request.url != "http://127.0.0.1/" || served.empty()) {
        return make_error(Errc::unreachable, "nothing listens");
      }
      HttpResponse response;
      response.status = 503;  // the gateway's own health is not Caddy's
      return response;
    });
  }

  Result<Changes> changes() {
    return installers::caddy_step(spec, {.share = kShare}).changes(host.host);
  }
  // As the plan does: what is not converged is applied; the number of those.
  Result<int> apply() {
    TRY(list, changes());
    int applied = 0;
    for (const auto& change : list) {
      TRY(is_so, change->converged(context));
      if (!is_so) {
        for (const std::string& unit : change->affects()) {
          stale.insert(unit);
        }
        TRY_VOID(change->apply(context));
        ++applied;
      }
    }
    return applied;
  }
};

TEST_CASE("Caddy is restarted once onto orama's file, and a second run changes nothing") {
  Bench bench;
  const auto first = bench.apply();
  REQUIRE(first.ok());
  CHECK(installers::without_generated_line(bench.served) ==
        source_file("tests/golden/caddy/internal.caddyfile"));
  CHECK(bench.host.files.content("/etc/systemd/system/caddy.service.d/orama.conf")
            .find("--config /etc/orama/caddy/Caddyfile") != std::string::npos);
  CHECK(bench.host.commands.unit("caddy.service").restarts == 1);
  CHECK(bench.host.files.content("/etc/caddy/Caddyfile") == ":80\n");
  const auto writes = bench.host.files.writes();
  CHECK(*bench.apply() == 0);
  CHECK(bench.host.files.writes() == writes);
}

TEST_CASE("a configuration that Caddy refuses is not written") {
  Bench bench;
  bench.host.commands.on("caddy adapt", "", 1,
                         "Error: parsing sites/x.caddy:3: unrecognized directive: foo\n");
  const auto applied = bench.apply();
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("unrecognized directive: foo; nothing was written") !=
        std::string::npos);
  CHECK_FALSE(bench.host.files.exists(paths::kCaddyfile));
  CHECK(bench.host.commands.unit("caddy.service").restarts == 0);
}

TEST_CASE("Caddy's trial run keeps its keys out of its real storage, and they are removed") {
  Bench bench;
  std::string data_home;
  bench.host.commands.on("caddy adapt", [&](const installers::Command& command) {
    data_home = command.environment.at("XDG_DATA_HOME");
    bench.host.files.put(data_home + "/caddy/pki/root.key", "key");
    return Result<installers::CommandOutput>(installers::CommandOutput());
  });
  REQUIRE(installers::validate_caddyfile(bench.host.host, "x").ok());
  CHECK(data_home == "/var/lib/orama/install/caddy-check");
  CHECK_FALSE(bench.host.files.exists(data_home));
}

TEST_CASE("--acme-ca-root is copied, and stands when the operator's file is gone") {
  Bench bench;
  bench.spec.tls = TlsMode::acme;
  bench.spec.acme_ca_root = "/tmp/pebble.pem";
  bench.host.files.put("/tmp/pebble.pem", std::string("subject=x\n") + kPublicCertificate);
  REQUIRE(bench.apply().ok());
  const std::string copy = bench.host.files.content("/etc/orama/caddy/acme-root.pem");
  CHECK(installers::without_generated_line(copy) == kPublicCertificate);
  REQUIRE(bench.host.files.remove_file("/tmp/pebble.pem").ok());
  CHECK(*bench.apply() == 0);
}

TEST_CASE("--acme-ca-root must hold certificates and no private key") {
  for (const std::string& text :
       {std::string("hello"), std::string(kPublicCertificate) + "-----BEGIN PRIVATE KEY-----\n",
        std::string(300000, 'x')}) {
    Bench bench;
    bench.spec.tls = TlsMode::acme;
    bench.spec.acme_ca_root = "/tmp/root.pem";
    bench.host.files.put("/tmp/root.pem", text);
    const auto changes = bench.changes();
    REQUIRE_FALSE(changes.ok());
    CHECK(changes.error().full_message().find("/tmp/root.pem") != std::string::npos);
  }
  Bench bench;
  bench.spec.acme_ca_root = "/tmp/absent.pem";
  const auto changes = bench.changes();
  REQUIRE_FALSE(changes.ok());
  CHECK(changes.error().full_message().find("--acme-ca-root") != std::string::npos);
}

TEST_CASE("another drop-in that runs Caddy on another file is found out") {
  Bench bench;
  bench.host.commands.on("systemctl show --property=ExecStart caddy.service",
                         "ExecStart={ argv[]=/usr/bin/caddy run --config /srv/Caddyfile ; }\n");
  const auto applied = bench.apply();
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().code == Errc::timeout);
  CHECK(applied.error().message.find("its unit runs something else") != std::string::npos);
  CHECK(applied.error().hint.find("systemctl cat caddy") != std::string::npos);
}

TEST_CASE("Caddy that does not answer on port 80 is not taken for running") {
  Bench bench;
  bench.host.commands.unit("caddy.service").on_run = [] {};
  const auto applied = bench.apply();
  REQUIRE_FALSE(applied.ok());
  CHECK(applied.error().message.find("nothing listens") != std::string::npos);
}

TEST_CASE("uninstall takes back a file that the agent has rewritten, and leaves a hand edit") {
  Bench bench;
  REQUIRE(bench.apply().ok());
  installers::RevertContext revert{bench.host.host};
  const nlohmann::json prior = {{"existed", false}};
  const nlohmann::json wanted = {{"sha256", "of another content"}};
  bench.host.files.put(paths::kCaddyfile,
                       installers::with_generated_line(paths::kCaddyfile, "by the agent\n"));
  auto reverted = installers::revert_caddyfile(revert, paths::kCaddyfile, prior, wanted);
  REQUIRE(reverted.ok());
  CHECK(reverted->outcome == installers::Reverted::Outcome::restored);
  CHECK_FALSE(bench.host.files.exists(paths::kCaddyfile));

  bench.host.files.put(paths::kCaddyfile,
                       installers::with_generated_line(paths::kCaddyfile, "x\n") + "edit\n");
  reverted = installers::revert_caddyfile(revert, paths::kCaddyfile, prior, wanted);
  REQUIRE(reverted.ok());
  CHECK(reverted->outcome == installers::Reverted::Outcome::left);
  CHECK(bench.host.files.exists(paths::kCaddyfile));
}

TEST_CASE("--tls by default: ACME where DNS has this host's address for the domain") {
  struct Row {
    const char* out;
    int status;
    TlsMode mode;
    const char* reason;
  };
  const Row rows[] = {
      {"203.0.113.11    STREAM node1.example.com\n203.0.113.11    DGRAM  \n", 0, TlsMode::acme,
       "node1.example.com resolves to 203.0.113.11"},
      {"198.51.100.7    STREAM node1.example.com\n203.0.113.11    STREAM \n", 0, TlsMode::acme,
       "node1.example.com resolves to 203.0.113.11"},
      {"198.51.100.7    STREAM node1.example.com\n", 0, TlsMode::internal,
       "node1.example.com resolves to 198.51.100.7, not to 203.0.113.11 of this host"},
      {"", 2, TlsMode::internal, "node1.example.com does not resolve"},
  };
  for (const Row& row : rows) {
    FakeHost host;
    host.commands.on("getent", row.out, row.status);
    const auto chosen = installers::default_tls_mode(host.host, "node1.example.com",
                                                     *mesh::IpAddress::parse("203.0.113.11"));
    CHECK(chosen.mode == row.mode);
    CHECK(chosen.reason == row.reason);
  }
}

}  // namespace
}  // namespace orama::tests
