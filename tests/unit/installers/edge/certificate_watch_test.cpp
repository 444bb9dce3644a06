#include "installers/agent/certificate_watch.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "common/result.h"
#include "installers/generated_file.h"
#include "installers/node_spec.h"
#include "installers/paths.h"
#include "installers/receipt.h"
#include "installers/steps/caddy_config.h"
#include "tests/support/fake_host.h"
#include "tests/unit/installers/edge/certificates.h"
#include "tests/unit/installers/edge/sample_node.h"

namespace orama::tests {
namespace {

using installers::CaddyIssuers;
using installers::OperatorFile;
using installers::TlsMode;
using installers::watch_certificate;
namespace paths = installers::paths;

const std::string kPublic =
    "/var/lib/caddy/.local/share/caddy/certificates/acme.test-14000-dir/node1.example.com/"
    "node1.example.com.crt";
const std::string kPending = "/var/lib/orama/agent/caddy-reload-pending";

struct Bench {
  FakeHost host;
  installers::NodeSpec spec = sample_node();

  explicit Bench(TlsMode tls = TlsMode::acme) {
    spec.tls = tls;
    spec.acme_ca = "https://acme.test:14000/dir";
    add_caddy_templates(host.files);
    host.files.put_directory("/etc/orama/caddy");
    host.files.put_directory("/var/lib/orama/agent");
    host.files.put_directory("/var/lib/orama/install", {0700});
    host.commands.add_unit("caddy.service");
    installers::Receipt receipt;
    receipt.spec = spec.to_json();
    REQUIRE(receipt.save(host.files).ok());
    host.files.put(paths::kCaddyfile, file(CaddyIssuers::both));
  }

  std::string file(CaddyIssuers issuers, OperatorFile operator_file = OperatorFile::none) {
    const auto text =
        installers::render_caddyfile(host.files, kShare, spec, issuers, operator_file);
    REQUIRE(text.ok());
    return installers::with_generated_line(paths::kCaddyfile, *text);
  }
  std::string present() const { return host.files.content(paths::kCaddyfile); }
  int reloads() { return host.commands.unit("caddy.service").reloads; }
};

TEST_CASE("no public certificate yet: nothing is written, nothing reloaded") {
  Bench bench;
  const auto writes = bench.host.files.writes();
  REQUIRE(watch_certificate(bench.host.host, kShare).ok());
  CHECK(bench.host.files.writes() == writes);
  CHECK(bench.reloads() == 0);
}

TEST_CASE("the first public certificate: ACME alone, with one reload") {
  Bench bench;
  bench.host.files.put(kPublic, kPublicCertificate);
  for (int minute = 0; minute < 3; ++minute) {
    REQUIRE(watch_certificate(bench.host.host, kShare).ok());
    CHECK(bench.present() == bench.file(CaddyIssuers::acme));
    CHECK(bench.reloads() == 1);
  }
  CHECK_FALSE(bench.host.files.exists(kPending));
}

TEST_CASE("the public certificate expired: both issuers again") {
  Bench bench;
  bench.host.files.put(kPublic, kPublicCertificate);
  REQUIRE(watch_certificate(bench.host.host, kShare).ok());
  bench.host.clock.sleep_for(std::chrono::hours(24) * 90);
  REQUIRE(watch_certificate(bench.host.host, kShare).ok());
  CHECK(bench.present() == bench.file(CaddyIssuers::both));
  CHECK(bench.reloads() == 2);
}

TEST_CASE("an imported operator's file stays imported") {
  Bench bench;
  bench.host.files.put(paths::kCaddyfile, bench.file(CaddyIssuers::both, OperatorFile::imported));
  bench.host.files.put(kPublic, kPublicCertificate);
  REQUIRE(watch_certificate(bench.host.host, kShare).ok());
  CHECK(bench.present() == bench.file(CaddyIssuers::acme, OperatorFile::imported));
}

TEST_CASE("a hand-edited file, or one of another release's templates, is left alone") {
  for (const std::string& text : {std::string("# mine\n"), std::string()}) {
    Bench bench;
    const std::string edited = bench.file(CaddyIssuers::both) + text + "# edit\n";
    bench.host.files.put(paths::kCaddyfile, edited);
    bench.host.files.put(kPublic, kPublicCertificate);
    REQUIRE(watch_certificate(bench.host.host, kShare).ok());
    CHECK(bench.present() == edited);
    CHECK(bench.reloads() == 0);
  }
}

TEST_CASE("Caddy refuses the reload: the file is put back, said, and tried again a minute later") {
  Bench bench;
  bench.host.files.put(kPublic, kPublicCertificate);
  bench.host.commands.unit("caddy.service").fails_to_start = true;
  CHECK_FALSE(watch_certificate(bench.host.host, kShare).ok());
  CHECK(bench.present() == bench.file(CaddyIssuers::both));
  bench.host.commands.unit("caddy.service").fails_to_start = false;
  CHECK(watch_certificate(bench.host.host, kShare).ok());
  CHECK(bench.present() == bench.file(CaddyIssuers::acme));
}

TEST_CASE("killed between the file and the reload: the reload is made good") {
  Bench bench;
  bench.host.files.put(kPublic, kPublicCertificate);
  bench.host.files.put(paths::kCaddyfile, bench.file(CaddyIssuers::acme));
  bench.host.files.put(kPending, "");
  REQUIRE(watch_certificate(bench.host.host, kShare).ok());
  CHECK(bench.reloads() == 1);
  CHECK_FALSE(bench.host.files.exists(kPending));
}

TEST_CASE("nothing to watch: --tls internal, no receipt, no Caddyfile") {
  Bench internal(TlsMode::internal);
  internal.host.files.put(kPublic, kPublicCertificate);
  CHECK(watch_certificate(internal.host.host, kShare).ok());
  CHECK(internal.reloads() == 0);

  FakeHost bare;
  CHECK(watch_certificate(bare.host, kShare).ok());

  Bench without_file;
  REQUIRE(without_file.host.files.remove_file(paths::kCaddyfile).ok());
  CHECK(watch_certificate(without_file.host.host, kShare).ok());
}

TEST_CASE("the agent looks every minute") {
  Bench bench;
  bench.host.files.put(kPublic, kPublicCertificate);
  const auto task = installers::certificate_watch(bench.host.host, kShare);
  CHECK(task.interval == std::chrono::minutes(1));
  REQUIRE(task.run().ok());
  CHECK(bench.reloads() == 1);
}

}  // namespace
}  // namespace orama::tests
