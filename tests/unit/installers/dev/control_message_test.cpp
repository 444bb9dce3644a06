#include "installers/dev/control_message.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/result.h"

namespace orama::installers {

TEST_CASE("a request and an answer arrive as they were sent") {
  const auto request =
      ControlRequest::from_text(ControlRequest{"start", "node2", {"a.service"}, 7}.to_text());
  REQUIRE(request.ok());
  CHECK(request->verb == "start");
  CHECK(request->node == "node2");
  CHECK(request->units == std::vector<std::string>{"a.service"});
  CHECK(request->seconds == 7);
  CHECK((*answer_from(answer_text(nlohmann::json{{"pid", 3}})))["pid"] == 3);
  const auto failed =
      answer_from(answer_text(Result<nlohmann::json>(make_error(Errc::conflict, "a", "b"))));
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == Errc::conflict);
  CHECK(failed.error().message == "a");
  CHECK(failed.error().hint == "b");
}

TEST_CASE("names that would be paths are refused") {
  for (const char* bad : {"", "no json", "[]", "{}", R"({"verb":"start","node":"../x"})",
                          R"({"verb":"start","node":"node1","units":["../a.service"]})",
                          R"({"verb":"start","node":"node1","units":["a"]})", R"({"verb":1})"}) {
    CHECK_MESSAGE(!ControlRequest::from_text(bad).ok(), bad);
  }
  CHECK(is_unit_name("orama-rqlite@default.service"));
  CHECK(is_unit_name(std::string(113, 'a') + ".target"));
  CHECK_FALSE(is_unit_name(std::string(114, 'a') + ".target"));
  CHECK_FALSE(is_unit_name(".hidden.service"));
  CHECK(is_dev_node_name("node1"));
  CHECK_FALSE(is_dev_node_name("Node"));
  CHECK_FALSE(is_dev_node_name("-a"));
}

}  // namespace orama::installers
