#include "installers/receipt.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "tests/support/fake_host.h"

namespace orama::tests {
namespace {

using installers::kReceiptPath;
using installers::Receipt;
using installers::ReceiptEntry;

Receipt sample() {
  Receipt receipt;
  receipt.orama_version = "0.1.0";
  receipt.spec = {{"name", "node1"}};
  ReceiptEntry entry;
  entry.step = "registry";
  entry.kind = "file";
  entry.target = "/etc/orama/rqlite.env";
  entry.prior = {{"existed", false}};
  entry.wanted = {{"sha256", "aa"}};
  entry.earlier = {{{"sha256", "bb"}}};
  entry.at = "2026-11-24T12:00:00.000Z";
  receipt.entries.push_back(entry);
  receipt.stale_units = {"orama-rqlite.service"};
  receipt.log_file = "/var/log/orama/install.log";
  receipt.outcome = Receipt::Outcome::failed;
  receipt.failure = "step registry: not \xff utf-8";
  return receipt;
}

TEST_CASE("a receipt comes back as it was saved, readable by root alone") {
  FakeHost host;
  host.files.put_directory("/var/lib/orama/install");
  REQUIRE(sample().save(host.files).ok());
  CHECK(host.files.status(kReceiptPath)->value().mode == 0600);
  const auto loaded = Receipt::load(host.files);
  REQUIRE(loaded.ok());
  REQUIRE(loaded->has_value());
  const Receipt& receipt = **loaded;
  CHECK(receipt.orama_version == "0.1.0");
  CHECK(receipt.spec == sample().spec);
  CHECK(receipt.stale_units == sample().stale_units);
  CHECK(receipt.log_file == "/var/log/orama/install.log");
  CHECK(receipt.outcome == Receipt::Outcome::failed);
  CHECK(receipt.failure.starts_with("step registry: not "));
  REQUIRE(receipt.entries.size() == 1);
  const ReceiptEntry& entry = receipt.entries.front();
  CHECK(entry.step == "registry");
  CHECK(entry.state == ReceiptEntry::State::intended);
  CHECK(entry.prior.at("existed") == false);
  CHECK(receipt.recorded("file", "/etc/orama/rqlite.env") ==
        std::vector<nlohmann::json>{{{"sha256", "aa"}}, {{"sha256", "bb"}}});
  CHECK(receipt.recorded("unit", "/etc/orama/rqlite.env").empty());
}

TEST_CASE("no receipt is no error") {
  FakeHost host;
  const auto loaded = Receipt::load(host.files);
  REQUIRE(loaded.ok());
  CHECK_FALSE(loaded->has_value());
}

TEST_CASE("a receipt of another version is refused by name") {
  FakeHost host;
  host.files.put(kReceiptPath, R"({"version":7,"orama_version":"9.1"})");
  const auto refused = Receipt::load(host.files);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::conflict);
  CHECK(refused.error().message ==
        std::string("the receipt ") + kReceiptPath + " has version 7; this orama reads version 1");
  CHECK(refused.error().hint == "Use the orama that wrote it: 9.1.");
}

TEST_CASE("a damaged receipt is named and kept") {
  for (const char* text : {"", "{", "[]", "7", R"({"version":"1"})", R"({"version":1})",
                           R"({"version":1,"orama_version":"","spec":{},"entries":[{}],
                               "stale_units":[],"log_file":"","outcome":"done","failure":""})",
                           R"({"version":1,"orama_version":"","spec":{},"entries":[],
                               "stale_units":[1],"log_file":"","outcome":"done","failure":""})"}) {
    CAPTURE(text);
    FakeHost host;
    host.files.put(kReceiptPath, text);
    const auto refused = Receipt::load(host.files);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find(kReceiptPath) != std::string::npos);
    CHECK(host.files.content(kReceiptPath) == text);
  }
}

}  // namespace
}  // namespace orama::tests
