#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "cli/output.h"
#include "cli/status_facts.h"
#include "cli/status_report.h"
#include "common/api/status.h"
#include "common/clock.h"
#include "common/result.h"
#include "tests/unit/cli/well_node.h"

namespace orama::cli {
namespace {

using Verdict = StatusReport::Verdict;

// node1 (this one, leader), node2 that is up, node3 that is silent.
StatusFacts three_nodes() {
  StatusFacts facts = well();
  facts.now = parse_rfc3339("2026-11-24T12:00:10Z").value();
  facts.gateway.admin->registry = {"node_1", 3, 2, true, 0, 10, 0.0, {}};
  facts.gateway.admin->nodes_total = 3;
  facts.gateway.admin->nodes_up = 2;
  for (const char* number : {"1", "2", "3"}) {
    api::Node node;
    node.id = std::string("node_") + number;
    node.name = std::string("node") + number;
    node.mesh_ip = std::string("10.0.0.") + number;
    node.state = "ready";
    node.voter = true;
    node.up = *number != '3';
    node.leader = *number == '1';
    node.version = "0.1.0";
    facts.gateway.nodes.push_back(std::move(node));
  }
  facts.gateway.nodes[0].actual.emplace();
  facts.gateway.nodes[0].actual->peers = {{"node_2", "2026-11-24T12:00:07Z", 1, 1, ""},
                                          {"node_3", std::nullopt, 0, 1, ""}};
  facts.gateway.nodes[1].last_seen = "2026-11-24T12:00:09Z";
  facts.gateway.nodes[1].actual.emplace();
  facts.gateway.nodes[1].actual->disk_free = 3LL << 30;
  facts.gateway.nodes[1].actual->disk_total = 8LL << 30;
  return facts;
}

}  // namespace

TEST_CASE("every node has its row, and the headline says what the cluster can lose") {
  StatusFacts facts = three_nodes();
  StatusReport report = judge_status(facts);
  CHECK(report.verdict == Verdict::degraded);
  CHECK(report.headline ==
        "node1 is degraded: node node3 does not answer this one; the cluster of 3 nodes can lose "
        "none of its 3 registry voters");
  std::ostringstream out, err;
  const std::string text = status_text(Output(out, err, {}), report);
  CHECK(text.find("10.0.0.2, voter, handshake 3 s ago, 3.0 GiB free, orama 0.1.0, heard 1 s ago") !=
        std::string::npos);
  CHECK(text.find("10.0.0.3, voter, no handshake yet, orama 0.1.0, never heard") !=
        std::string::npos);
  CHECK(text.find("node node1 (this)") != std::string::npos);
  CHECK(says(report.next, "on node3"));
  facts.gateway.nodes[2].up = true;
  facts.gateway.admin->registry.voters_up = 3;
  facts.gateway.admin->registry.tolerates = 1;
  report = judge_status(facts);
  CHECK(report.headline ==
        "node1 is healthy; the cluster of 3 nodes can lose 1 of its 3 registry voters");
  facts.gateway.nodes[2].state = "removed";
  facts.gateway.nodes[2].up = false;
  CHECK(judge_status(facts).verdict == Verdict::healthy);
}

TEST_CASE("a registry that lost its quorum is the headline, and whom to bring back") {
  StatusFacts facts = three_nodes();
  facts.gateway.admin->registry = {"", 3, 1, false, 0, 10, 60.0, {"node_2", "node_3"}};
  facts.gateway.admin->missing = {"registry: rqlite answered 500: leader not found"};
  facts.gateway.nodes[1].up = false;
  StatusReport report = judge_status(facts);
  CHECK(report.headline ==
        "node1 is degraded: the registry can write nothing: 1 of its 3 voters up, 2 needed; "
        "missing: node2, node3");
  CHECK(!says(report.problems, "leader not found"));
  CHECK(says(report.next, "bring back 1 of node2, node3"));
  CHECK(says(report.next, "operating.md"));

  SUBCASE("two of three are enough, whatever it says at the moment") {
    facts.gateway.admin->registry.voters_up = 2;
    CHECK(says(judge_status(facts).problems, "leader not found"));
    CHECK(!says(judge_status(facts).problems, "write nothing"));
  }
  SUBCASE("the only voter is away, and this node is none") {
    facts.gateway.admin->registry = {"", 1, 0, false, 0, 10, 60.0, {"node_3"}};
    CHECK(says(judge_status(facts).next, "bring back 1 of node3"));
  }
  SUBCASE("this node's own registry is down: nothing is known of the others") {
    facts.gateway.checks["registry"].reason = "refused";
    CHECK(!says(judge_status(facts).problems, "write nothing"));
  }
}

TEST_CASE("secrets that a removed node had are named, with no command that does not exist") {
  StatusFacts facts = well();
  facts.gateway.admin->rotate = {{"olric-password", "node3", "2026-11-24T12:00:00Z"},
                                 {"tenant-secrets.key", "node4", "2026-11-25T12:00:00Z"}};
  CHECK(judge_status(facts).verdict == Verdict::healthy);
  const std::string text = status_json(facts, judge_status(facts)).dump();
  CHECK(text.find("removed node3, node4 had them: olric-password, tenant-secrets.key; their "
                  "rotation comes with a later release") != std::string::npos);
  CHECK(text.find("orama secrets") == std::string::npos);
}

}  // namespace orama::cli
