#include "installers/dev/dev_plan.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/node_plan.h"
#include "installers/node_spec.h"
#include "installers/plan.h"
#include "installers/step.h"

namespace orama::installers {
namespace {

NodeSpec spec_of(const std::string& invite) {
  auto spec = dev_node_spec(1);
  REQUIRE(spec.ok());
  spec->node_id = "node_a";
  spec->cluster_id = "cluster_a";
  spec->invite = invite;
  return *spec;
}

std::vector<std::string> names(const std::vector<Step>& steps) {
  std::vector<std::string> result;
  result.reserve(steps.size());
  for (const Step& step : steps) {
    result.push_back(step.name);
  }
  return result;
}

}  // namespace

TEST_CASE("development nodes have a name, an address and a port each") {
  const auto second = dev_node_spec(2);
  REQUIRE(second.ok());
  CHECK(second->name == "node2");
  CHECK(second->mesh_ip.to_string() == "127.0.1.2");
  CHECK(second->development());
  CHECK(dev_local_listen(1) == "127.0.0.1:6001");
  CHECK(dev_local_listen(5) == "127.0.0.1:6005");
}

// A step of production that is not a host's own must not be missed here.
TEST_CASE("a development node has every step of production but those of a host of its own") {
  for (const char* invite : {"", "AAAAAAAAAAA"}) {
    const NodeSpec spec = spec_of(invite);
    const auto production = node_steps(spec, {});
    const auto development = dev_node_steps(spec, {});
    REQUIRE(production.ok());
    REQUIRE(development.ok());
    std::vector<std::string> expected = names(*production);
    std::erase_if(expected, [](const std::string& name) {
      return name == "firewall" || name == "path" || name == "caddy";
    });
    CHECK(names(*development) == expected);
    CHECK(Plan::make(*development, change_kinds()).ok());
  }
}

TEST_CASE("who waited for a step that is left out waits for what it waited for") {
  const auto steps = dev_node_steps(spec_of("AAAAAAAAAAA"), {});
  REQUIRE(steps.ok());
  const auto secrets = std::find_if(steps->begin(), steps->end(),
                                    [](const Step& step) { return step.name == "secrets"; });
  REQUIRE(secrets != steps->end());
  CHECK(secrets->after == std::vector<std::string>{"peers"});
}

}  // namespace orama::installers
