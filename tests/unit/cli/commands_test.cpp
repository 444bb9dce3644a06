// Commands run against a host in memory.
#include "cli/commands/commands.h"

#include <atomic>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/session.h"
#include "common/http_client.h"
#include "common/result.h"
#include "installers/paths.h"
#include "installers/receipt.h"
#include "tests/support/fake_host.h"

namespace orama::cli {
namespace {

namespace paths = installers::paths;

struct Terminal {
  tests::FakeHost fake;
  std::ostringstream out, err;
  Output output{out, err, {}};
  Caller caller{
      .root = true, .reads_admin = true, .host_name = "node1", .program = "orama", .words = {}};
  std::atomic<bool> interrupted{false};
  std::vector<std::string> became;
  Session session{output, fake.host, caller, interrupted,
                  [this](const std::vector<std::string>& argv) {
                    became = argv;
                    return make_error(Errc::failed, "a test does not become another program");
                  }};

  void make_node() { fake.files.put(paths::kNodeJson, "{}"); }
  void add_units() {
    for (const char* unit :
         {paths::kTarget, paths::kWireguardUnit, paths::kAgentUnit, paths::kRqliteUnit,
          paths::kDatabaseUnit, paths::kOlricUnit, paths::kIpfsUnit, paths::kIpfsClusterUnit,
          paths::kGatewaySocketUnit, paths::kGatewayUnit, paths::kCaddyUnit}) {
      fake.commands.add_unit(unit);
    }
  }
  std::string active(const char* unit) { return fake.commands.unit(unit).active; }
};

Arguments words(std::vector<std::string> list) {
  Arguments arguments;
  arguments.words = std::move(list);
  return arguments;
}

}  // namespace

TEST_CASE("start brings everything up, stop takes it down with its socket and disables nothing") {
  Terminal terminal;
  terminal.make_node();
  terminal.add_units();
  REQUIRE(run_start(terminal.session, {}).ok());
  for (const char* unit :
       {paths::kTarget, paths::kAgentUnit, paths::kRqliteUnit, paths::kDatabaseUnit,
        paths::kOlricUnit, paths::kIpfsUnit, paths::kIpfsClusterUnit, paths::kGatewaySocketUnit,
        paths::kGatewayUnit, paths::kCaddyUnit}) {
    CHECK_MESSAGE(terminal.active(unit) == "active", unit);
  }
  REQUIRE(run_stop(terminal.session, {}).ok());
  for (const char* unit :
       {paths::kTarget, paths::kAgentUnit, paths::kRqliteUnit, paths::kDatabaseUnit,
        paths::kOlricUnit, paths::kIpfsUnit, paths::kIpfsClusterUnit, paths::kGatewaySocketUnit,
        paths::kGatewayUnit}) {
    CHECK_MESSAGE(terminal.active(unit) == "inactive", unit);
  }
  CHECK(terminal.active(paths::kCaddyUnit) == "active");
  CHECK(terminal.out.str().find("Caddy keeps running") != std::string::npos);
  CHECK(terminal.fake.commands.count("systemctl disable") == 0);
  CHECK(terminal.fake.commands.count("systemctl enable") == 0);
}

TEST_CASE("restart of everything leaves the mesh device and Caddy as they are") {
  Terminal terminal;
  terminal.make_node();
  terminal.add_units();
  REQUIRE(run_start(terminal.session, {}).ok());
  REQUIRE(run_restart(terminal.session, {}).ok());
  CHECK(terminal.fake.commands.unit(paths::kGatewayUnit).restarts == 1);
  CHECK(terminal.fake.commands.unit(paths::kRqliteUnit).restarts == 1);
  CHECK(terminal.fake.commands.unit(paths::kWireguardUnit).restarts == 0);
  CHECK(terminal.fake.commands.unit(paths::kCaddyUnit).restarts == 0);
}

TEST_CASE("one unit by its short name") {
  Terminal terminal;
  terminal.make_node();
  terminal.add_units();
  REQUIRE(run_start(terminal.session, words({"caddy"})).ok());
  CHECK(terminal.active(paths::kCaddyUnit) == "active");
  CHECK(terminal.active(paths::kGatewayUnit) == "inactive");
  CHECK(check_service_name(words({"gatewy"})).error().hint == "did you mean `gateway`?");
  CHECK(check_service_name(words({"orama-rqlite.service"})).ok());
  for (const char* name : {"database", "cache", "storage", "pinning", "orama-rqlite@default"}) {
    CHECK(check_service_name(words({name})).ok());
  }
  CHECK(check_service_name(words({"ssh"})).error().code == Errc::invalid_argument);
}

// Conditions keep the units quiet there; systemctl would report success.
TEST_CASE("start on a host that is no node says so") {
  Terminal terminal;
  terminal.add_units();
  const auto refused = run_start(terminal.session, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::not_found);
  CHECK(terminal.fake.commands.calls().empty());
}

TEST_CASE("node show: the names of a node's engines, and since when each unit is as it is") {
  Terminal terminal;
  terminal.fake.http.on_request([](const HttpRequest& request) -> Result<HttpResponse> {
    CHECK(request.url.ends_with("/admin/nodes"));
    return HttpResponse{200, {}, R"({"nodes": [{"id": "node_1", "name": "node1",
      "mesh_ip": "10.0.0.1", "wg_public_key": "k", "endpoints": [], "roles": [], "state": "ready",
      "voter": true, "leader": true, "up": true, "version": "0.1.0", "joined_at": "",
      "last_seen": null, "engines": {"ipfs": "12D3KooWone"},
      "actual": {"version": 7, "peers": [], "units": [{"name": "orama-olric.service",
        "active": "failed", "since": "2026-11-28T10:00:00Z", "restart_pending": false}],
        "disk": {"free": 1, "total": 2}, "packages": {"orama": "", "components": ""},
        "time": "2026-11-28T10:00:05Z"}}], "count": 1})"};
  });
  const auto report = run_node_show(terminal.session, words({"node1"}));
  REQUIRE(report.ok());
  CHECK(report->text.find("IPFS peer id          12D3KooWone\n") != std::string::npos);
  CHECK(report->text.find("IPFS Cluster peer id  -\n") != std::string::npos);
  CHECK(report->text.find("orama-olric.service   failed since 2026-11-28T10:00:00Z\n") !=
        std::string::npos);
  CHECK(report->data["engines"]["ipfs"] == "12D3KooWone");
}

TEST_CASE("logs becomes journalctl, by argument vector") {
  Terminal terminal;
  Arguments arguments = words({"gateway"});
  arguments.flags["--since"] = {"15m"};
  arguments.flags["--follow"] = {};
  static_cast<void>(run_logs(terminal.session, arguments));
  CHECK(terminal.became == std::vector<std::string>{"journalctl", "--unit=orama-gateway.service",
                                                    "--since=-15m", "--follow"});
  arguments = words({"registry"});
  arguments.flags["--since"] = {"2026-01-31 12:00; reboot"};
  arguments.flags["--lines"] = {"5"};
  static_cast<void>(run_logs(terminal.session, arguments));
  CHECK(terminal.became == std::vector<std::string>{"journalctl", "--unit=orama-rqlite.service",
                                                    "--since=2026-01-31 12:00; reboot",
                                                    "--lines=5"});
  static_cast<void>(run_logs(terminal.session, {}));
  CHECK(terminal.became.size() == 11);
  CHECK(terminal.became.back() == "--lines=100");
}

TEST_CASE("logs: wrong numbers and a stream without an end under --json are usage errors") {
  for (const char* wrong : {"", "x", "-1", "1x", "100001"}) {
    Arguments arguments;
    arguments.flags["--lines"] = {wrong};
    CAPTURE(wrong);
    CHECK(check_logs(arguments).error().code == Errc::invalid_argument);
  }
  for (const char* right : {"0", "100000"}) {
    Arguments arguments;
    arguments.flags["--lines"] = {right};
    CHECK(check_logs(arguments).ok());
  }
  Arguments both;
  both.flags["--follow"] = {};
  both.flags["--json"] = {};
  CHECK_FALSE(check_logs(both).ok());
}

TEST_CASE("logs --json puts entries into the envelope") {
  Terminal terminal;
  Output json_output(terminal.out, terminal.err, {.format = Output::Format::json});
  Session session{json_output, terminal.fake.host, terminal.caller, terminal.interrupted, {}};
  terminal.fake.commands.on(
      "journalctl",
      "{\"__REALTIME_TIMESTAMP\":\"1732468412000000\",\"_SYSTEMD_UNIT\":\"orama-gateway.service\","
      "\"PRIORITY\":\"6\",\"MESSAGE\":\"hello\"}\n{\"MESSAGE\":[104,105]}\nnot json\n");
  const auto report = run_logs(session, {});
  REQUIRE(report.ok());
  REQUIRE(report->data["entries"].size() == 2);
  CHECK(report->data["entries"][0]["time"] == "2024-11-24T17:13:32.000Z");
  CHECK(report->data["entries"][0]["message"] == "hello");
  CHECK(report->data["entries"][1]["message"] == "hi");
}

TEST_CASE("config show prints what the gateway read, with its origin when asked") {
  Terminal terminal;
  terminal.fake.commands.on("/usr/lib/orama/orama-gateway --show-config",
                            R"([{"key":"drain.within","value":"5s","origin":"default"}])");
  const auto plain = run_config_show(terminal.session, {});
  REQUIRE(plain.ok());
  CHECK(plain->text == "drain.within  5s\n");
  Arguments origin;
  origin.flags["--origin"] = {};
  CHECK(run_config_show(terminal.session, origin)->text == "drain.within  5s  default\n");
}

TEST_CASE("config check repeats the gateway's problems") {
  Terminal terminal;
  terminal.fake.commands.on("/usr/lib/orama/orama-gateway --check", "", 1,
                            "orama-gateway: /etc/orama/orama.yaml:3: node.name: is required\n");
  const auto failed = run_config_check(terminal.session, {});
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::failed);
  CHECK(failed.error().message.find("node.name: is required") != std::string::npos);
  terminal.fake.commands.on("/usr/lib/orama/orama-gateway --check", "ok\n");
  CHECK(run_config_check(terminal.session, {}).ok());
}

TEST_CASE("version --all lists engines and their modules") {
  Terminal terminal;
  Arguments all;
  all.flags["--all"] = {};
  CHECK(run_version(terminal.session, all).error().code == Errc::not_found);
  terminal.fake.files.put(
      "/usr/share/orama/components.json",
      R"({"version":1,"toolchain":"go1.24","programs":{"rqlited":{"sha256":"ab"}},
                              "modules":[{"module":"github.com/rqlite/rqlite/v8","version":"v8.36.0",
                                          "checksum":"h1:x","licenses":[]},
                                         {"module":"github.com/ipfs/kubo","version":"v0.42.0",
                                          "checksum":"h1:y","edited":"without the plugin x"}]})");
  const auto report = run_version(terminal.session, all);
  REQUIRE(report.ok());
  CHECK(report->text.starts_with("orama 0."));
  CHECK(report->text.find("rqlited  sha256:ab") != std::string::npos);
  CHECK(report->text.find("github.com/rqlite/rqlite/v8  v8.36.0  h1:x\n") != std::string::npos);
  CHECK(report->text.find("v0.42.0  h1:y  without the plugin x\n") != std::string::npos);
  terminal.fake.files.put("/usr/share/orama/components.json", "[]");
  CHECK(run_version(terminal.session, all).error().code == Errc::failed);
}

TEST_CASE("uninstall shows what it would do and does nothing without --yes") {
  Terminal terminal;
  installers::Receipt receipt;
  receipt.outcome = installers::Receipt::Outcome::done;
  installers::ReceiptEntry first, last;
  first.kind = "file";
  first.target = "/etc/first";
  last.kind = "unit";
  last.target = "orama.target";
  receipt.entries = {first, last};
  terminal.fake.files.put_directory(paths::kInstallState);
  REQUIRE(receipt.save(terminal.fake.files).ok());
  const std::string before = terminal.fake.files.snapshot();
  const auto report = run_uninstall(terminal.session, {});
  REQUIRE(report.ok());
  CHECK(report->exit == ExitCode::pending);
  CHECK(report->text.find("--yes") != std::string::npos);
  const std::string shown = terminal.out.str();
  CHECK(shown.find("unit orama.target") < shown.find("file /etc/first"));
  CHECK(terminal.fake.files.snapshot() == before);
}

TEST_CASE("uninstall where nothing was installed is a success") {
  Terminal terminal;
  const auto report = run_uninstall(terminal.session, {});
  REQUIRE(report.ok());
  CHECK(report->exit == ExitCode::ok);
}

TEST_CASE("status of a bare host points to install") {
  Terminal terminal;
  terminal.add_units();
  const auto report = run_status(terminal.session, {});
  REQUIRE(report.ok());
  CHECK(report->exit == ExitCode::pending);
  CHECK(report->text.starts_with("this host is not an orama node\n"));
  CHECK(report->text.find("sudo orama install") != std::string::npos);
  CHECK(terminal.fake.http.requests().empty());
}

}  // namespace orama::cli
