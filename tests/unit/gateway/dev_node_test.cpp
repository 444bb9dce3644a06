#include "gateway/dev_node.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/api/cluster.h"
#include "common/atomic_file.h"
#include "common/clock.h"
#include "common/crypto/random.h"
#include "common/mesh/ip_address.h"
#include "common/result.h"
#include "gateway/config.h"
#include "tests/support/temporary_folder.h"

namespace orama::gateway {
namespace {

struct Prepared {
  crypto::SystemRandom random;
  SystemClock clock;
  tests::TemporaryFolder folder;
  DevOptions options;
  Prepared() {
    options.port = 7777;
    options.data_folder = folder.path() + "/dev";
  }
  Result<DevNode> prepare() { return prepare_dev_node(options, random, clock); }
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

TEST_CASE("a development node needs nothing but its folder and keeps its identity") {
  Prepared p;
  auto first = p.prepare();
  REQUIRE(first.ok());
  CHECK(first->config.development());
  CHECK(first->config.registry.engine == RegistryEngine::embedded);
  REQUIRE(first->config.http.listen.size() == 1);
  CHECK(first->config.http.listen[0].port == 7777);
  CHECK(first->config.http.listen[0].address.is_loopback());
  CHECK(first->founding.id == first->config.cluster.id);
  CHECK(
      api::ClusterCreate::from_json(first->founding.to_json(), mesh::Cidr::Use::development).ok());
  CHECK(mode_of(p.options.data_folder) == 0700);
  CHECK(mode_of(p.options.data_folder + "/identity.json") == 0600);
  auto second = p.prepare();
  REQUIRE(second.ok());
  CHECK(second->founding == first->founding);
}

TEST_CASE("a damaged identity is an error that says what to do, never a new identity") {
  Prepared p;
  REQUIRE(p.prepare().ok());
  for (const std::string_view damaged : {"", "{", "{}", R"({"node_id":"n","cluster_id":"c"})"}) {
    REQUIRE(write_file_atomically(p.options.data_folder + "/identity.json", damaged).ok());
    auto again = p.prepare();
    REQUIRE(!again.ok());
    CHECK(again.error().full_message().find("identity.json") != std::string::npos);
    CHECK(!again.error().hint.empty());
  }
}

}  // namespace
}  // namespace orama::gateway
