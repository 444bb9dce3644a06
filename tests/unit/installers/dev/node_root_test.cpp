#include "installers/dev/node_root.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"
#include "tests/support/temporary_folder.h"

namespace orama::installers {
namespace {

const NodeRoot& root() {
  static const NodeRoot node("/home/a/dev/node1",
                             {"/src/build/cli/orama", {"/src/none"}, "/src", "/src/systemd"});
  return node;
}

}  // namespace

TEST_CASE("a node's name and the supervisor's socket come from its folder") {
  CHECK(root().name() == "node1");
  CHECK(root().control_socket() == "/home/a/dev/supervisor.sock");
}

TEST_CASE("paths of a production node stand under the root, others stay") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/etc/orama", "/home/a/dev/node1/etc/orama"},
      {"/etc/orama/orama.yaml", "/home/a/dev/node1/etc/orama/orama.yaml"},
      {"/run/orama/admin.sock", "/home/a/dev/node1/run/orama/admin.sock"},
      {"/run/orama-olric/olric.yaml", "/home/a/dev/node1/run/orama-olric/olric.yaml"},
      {"/etc/systemd/system/x.d/a.conf", "/home/a/dev/node1/etc/systemd/system/x.d/a.conf"},
      {"/etc/oramas", "/etc/oramas"},
      {"/etc/passwd", "/etc/passwd"},
      {"/proc/meminfo", "/proc/meminfo"},
      {"", ""},
  };
  for (const auto& [production, mapped] : cases) {
    CHECK(root().path(production) == mapped);
  }
}

TEST_CASE("paths inside of a text are mapped once, and back") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"admin_socket: /run/orama/admin.sock\n",
       "admin_socket: /home/a/dev/node1/run/orama/admin.sock\n"},
      {"\"/var/lib/orama/ipfs\", '/etc/orama'",
       "\"/home/a/dev/node1/var/lib/orama/ipfs\", '/home/a/dev/node1/etc/orama'"},
      {"file:///var/lib/orama/x", "file:///home/a/dev/node1/var/lib/orama/x"},
      {"/data/etc/orama/x stays, and /etc/oramas", "/data/etc/orama/x stays, and /etc/oramas"},
      {"See /etc/orama.", "See /home/a/dev/node1/etc/orama."},
      {"/etc/orama.old stays", "/etc/orama.old stays"},
  };
  for (const auto& [production, mapped] : cases) {
    CHECK(root().text(production) == mapped);
    CHECK(root().text(mapped) == mapped);
    CHECK(root().production_text(mapped) == production);
  }
}

TEST_CASE("words of a command name this build's programs") {
  const tests::TemporaryFolder folder;
  REQUIRE(write_file_atomically(folder.path() + "/rqlited", "", {0755, {}, {}}).ok());
  const NodeRoot node(
      "/home/a/dev/node1",
      {"/src/build/cli/orama", {"/nowhere", folder.path()}, "/src", "/src/systemd"});
  CHECK(*node.word("/usr/bin/orama") == "/src/build/cli/orama");
  CHECK(*node.word("/usr/lib/orama/rqlited") == folder.path() + "/rqlited");
  CHECK(*node.word("--templates=/usr/share/orama/templates") == "--templates=/src/templates");
  CHECK(*node.word("-c=/etc/orama/x") == "-c=/home/a/dev/node1/etc/orama/x");
  CHECK(*node.word("/usr/bin/env") == "/usr/bin/env");
  const auto missing = node.word("/usr/lib/orama/olric-server");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().message.find("olric-server") != std::string::npos);
}

}  // namespace orama::installers
