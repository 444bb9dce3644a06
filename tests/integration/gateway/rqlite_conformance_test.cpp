// The registry's conformance suite over the rqlited that test_registry.py has started.
#include <chrono>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <boost/asio/io_context.hpp>

#include "common/crypto/secret.h"
#include "gateway/backends/http_pool.h"
#include "gateway/backends/rqlite_registry.h"
#include "tests/support/registry_conformance.h"
#include "tests/support/run_awaitable.h"

namespace orama::gateway::backends {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE(value != nullptr);
  return value;
}

TEST_CASE("RQLite keeps the registry contract") {
  auto endpoint = parse_http_endpoint(environment("ORAMA_REGISTRY_URL"));
  REQUIRE(endpoint.ok());
  RqliteRegistry::Options options;
  options.endpoint = *endpoint;
  options.user = environment("ORAMA_REGISTRY_USER");
  options.password = crypto::Secret(environment("ORAMA_REGISTRY_PASSWORD"));
  asio::io_context context;
  RqliteRegistry registry({&context}, options);
  CHECK(registry.engine() == "rqlite");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!tests::run(context, registry.ping()).ok() && std::chrono::steady_clock::now() < until) {
  }
  tests::check_registry_conformance(context, registry);
}

}  // namespace
}  // namespace orama::gateway::backends
