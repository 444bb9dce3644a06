#include "cli/dev/dev_report.h"

#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/dev/dev_layout.h"
#include "cli/output.h"
#include "installers/host/systemd.h"

namespace orama::cli {

TEST_CASE("the table shows each node, what is amiss and the memory of all") {
  std::ostringstream out;
  std::ostringstream err;
  const Output output(out, err, {});
  DevNodeRow well{"node1", "127.0.1.1", "http://127.0.0.1:6001", {"node1", "ok", {}}, {}, 10485760};
  installers::UnitState gateway;
  gateway.name = "orama-gateway.service";
  gateway.active = "active";
  gateway.main_pid = 7;
  installers::UnitState cache;
  cache.name = "orama-olric.service";
  cache.active = "failed";
  well.units.units = {{gateway, 0}, {cache, 3}};
  const DevNodeRow off{"node2",
                       "127.0.1.2",
                       "http://127.0.0.1:6002",
                       {"node2", "", {"its gateway does not answer"}},
                       {"node2", true, {}},
                       0};
  const std::string table = dev_table(output, {well, off});
  CHECK(table.find("1 running, not running: orama-olric.service") != std::string::npos);
  CHECK(table.find("off, boots again by itself") != std::string::npos);
  CHECK(table.find("Memory of all: 10 MiB") != std::string::npos);
  CHECK(table.find("  node2: its gateway does not answer") != std::string::npos);
  const auto json = dev_json({well, off});
  CHECK(json["nodes"][0]["units"][1]["restarts"] == 3);
  CHECK(json["nodes"][1]["off"] == true);
}

TEST_CASE("three lines to try, with the last node's own port") {
  DevLayout layout;
  layout.folder = "/state/orama/dev";
  const auto lines = curl_lines(layout, 3);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == "curl http://localhost:6003/v1/status");
  CHECK(lines[2] ==
        "curl --unix-socket /state/orama/dev/node1/run/orama/admin.sock "
        "http://localhost/admin/nodes");
  CHECK(embedded_curl_lines().size() == 3);
}

}  // namespace orama::cli
