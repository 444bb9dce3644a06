#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "installers/dev/unit_file.h"

namespace orama::installers {

TEST_CASE("variables in a command's words") {
  const std::vector<std::pair<std::string, std::string>> environment = {
      {"A", "first"}, {"IP", "127.0.1.1"}, {"JOIN", "-join a:1 -join-as join"}, {"A", "1"}};
  struct Case {
    std::vector<std::string> words, expanded;
  };
  for (const Case& one :
       std::vector<Case>{{{"-a", "${A}"}, {"-a", "1"}},
                         {{"${IP}:5001"}, {"127.0.1.1:5001"}},
                         {{"$JOIN", "/data"}, {"-join", "a:1", "-join-as", "join", "/data"}},
                         {{"$MISSING", "x"}, {"x"}},
                         {{"${MISSING}"}, {""}},
                         {{"x${JOIN}"}, {"x-join a:1 -join-as join"}},
                         {{"$$A", "a$b", "${open"}, {"$A", "a$b", "${open"}}}) {
    CHECK(expand_words({one.words, false}, environment) == one.expanded);
  }
}

}  // namespace orama::installers
