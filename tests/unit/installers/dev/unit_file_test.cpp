#include "installers/dev/unit_file.h"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "common/result.h"

namespace orama::installers {
namespace {

using std::chrono::milliseconds;

std::string service(const std::string& lines) {
  return "[Service]\nExecStart=/bin/true\n" + lines + "\n";
}

}  // namespace

TEST_CASE("all that a unit says of its processes is read") {
  const auto unit = parse_unit_file(
      "[Unit]\nAfter=a.service b.service\nConditionPathExists=/etc/x\nConditionPathExists=!/etc/y\n"
      "[Service]\nType=notify\nExecStartPre=+/usr/bin/orama agent prepare %i\n"
      "ExecStartPre=-/bin/false\nExecStart=/usr/lib/orama/x -a ${A} $B --cred %d/key\n"
      "Environment=A=1 'B=two words'\nEnvironmentFile=-/etc/orama/%i.env\n"
      "LoadCredential=key:/etc/orama/secrets/key\nStateDirectoryMode=0700\n"
      "StateDirectory=orama/databases/%i\nRestart=always\nRestartSec=200ms\nTimeoutStopSec=1min "
      "5s\n"
      "UMask=0077\nLimitNOFILE=16384\nMemoryMax=100M\nUser=orama-db\nNoNewPrivileges=yes\n",
      "orama-x@default.service");
  REQUIRE(unit.ok());
  CHECK(unit->type == UnitFile::Type::notify);
  REQUIRE(unit->before.size() == 2);
  CHECK(unit->before[0].words ==
        std::vector<std::string>{"/usr/bin/orama", "agent", "prepare", "default"});
  CHECK_FALSE(unit->before[0].may_fail);
  CHECK(unit->before[1].may_fail);
  CHECK(unit->main.words == std::vector<std::string>{"/usr/lib/orama/x", "-a", "${A}", "$B",
                                                     "--cred", "${CREDENTIALS_DIRECTORY}/key"});
  CHECK(unit->environment ==
        std::vector<std::pair<std::string, std::string>>{{"A", "1"}, {"B", "two words"}});
  REQUIRE(unit->environment_files.size() == 1);
  CHECK(unit->environment_files[0].path == "/etc/orama/default.env");
  CHECK(unit->environment_files[0].optional);
  CHECK(unit->credentials.front() ==
        std::pair<std::string, std::string>("key", "/etc/orama/secrets/key"));
  REQUIRE(unit->folders.size() == 1);
  CHECK(unit->folders[0].path == "/var/lib/orama/databases/default");
  CHECK(unit->folders[0].mode == 0700);
  CHECK(unit->after == std::vector<std::string>{"a.service", "b.service"});
  REQUIRE(unit->conditions.size() == 2);
  CHECK(unit->conditions[1].negated);
  CHECK(unit->restart == UnitFile::Restart::always);
  CHECK(unit->restart_after == milliseconds(200));
  CHECK(unit->stop_within == milliseconds(65000));
  CHECK(unit->umask == 0077);
  CHECK(unit->open_files == 16384);
}

TEST_CASE("an empty assignment begins anew, as in a drop-in") {
  const auto unit = parse_unit_file(
      service("ExecStartPre=/bin/a\nExecStartPre=\nExecStartPre=/bin/b\nExecStart=\n"
              "ExecStart=/bin/c"),
      "x.service");
  REQUIRE(unit.ok());
  REQUIRE(unit->before.size() == 1);
  CHECK(unit->before[0].words.front() == "/bin/b");
  CHECK(unit->main.words.front() == "/bin/c");
}

TEST_CASE("targets and sockets have no process") {
  CHECK(parse_unit_file("[Unit]\nDescription=x\n", "orama.target")->type ==
        UnitFile::Type::nothing);
  CHECK(parse_unit_file("[Socket]\nListenStream=127.0.0.1:6001\n", "x.socket")->type ==
        UnitFile::Type::nothing);
}

TEST_CASE("what would run otherwise than in production is refused, with its line") {
  for (const std::string& bad :
       {service("Type=forking"), service("Restart=on-abort"), service("ExecStopPost=/bin/true"),
        service("ExecStartPre=true"), service("RestartSec=soon"), service("UMask=9"),
        service("LimitNOFILE=many"), service("LoadCredential=key"), service("Environment=A"),
        service("Environment=\"A=b"), service("RemainAfterExit=perhaps"),
        service("LoadCredentialEncrypted=a:/b"), service("EnvironmentFile=/etc/%q"),
        std::string("[Unit]\nConditionHost=a\n[Service]\nExecStart=/bin/true\n")}) {
    const auto unit = parse_unit_file(bad, "x.service");
    REQUIRE_MESSAGE(!unit.ok(), bad);
    CHECK(unit.error().code == Errc::invalid_argument);
    CHECK_MESSAGE(unit.error().full_message().find("in line ") != std::string::npos,
                  unit.error().full_message());
  }
  CHECK_FALSE(parse_unit_file("[Service]\nType=exec\n", "x.service").ok());
}

TEST_CASE("times of units") {
  const std::vector<std::pair<const char*, long long>> good = {
      {"200ms", 200},  {"30s", 30000}, {"5", 5000},   {"1min 30s", 90000},
      {"2h", 7200000}, {"0", 0},       {"3sec", 3000}};
  for (const auto& [text, ms] : good) {
    const auto time = parse_unit_time(text);
    REQUIRE_MESSAGE(time.ok(), text);
    CHECK(time->count() == ms);
  }
  CHECK(parse_unit_time("infinity").ok());
  for (const char* bad :
       {"", "s", "5 parsecs", "-1s", "1.5s", "99999999999999999999s", "999999999999h"}) {
    CHECK_MESSAGE(!parse_unit_time(bad).ok(), bad);
  }
}

TEST_CASE("a unit of a template has the template's file") {
  CHECK(template_of("orama-rqlite@default.service") == "orama-rqlite@.service");
  CHECK(template_of("orama-rqlite.service") == "orama-rqlite.service");
}

// What an engine's unit needs and the supervisor does not know is found here, not by a developer.
TEST_CASE("every static unit that runs on a development node is understood") {
  std::size_t seen = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(ORAMA_SOURCE_FOLDER) + "/systemd")) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with("orama") || file.find('.') == std::string::npos) {
      continue;
    }
    const auto text = read_file(entry.path().string());
    REQUIRE(text.ok());
    const auto at = file.find("@.");
    const std::string name =
        at == std::string::npos ? file : file.substr(0, at + 1) + "default" + file.substr(at + 1);
    const auto unit = parse_unit_file(*text, name);
    CHECK_MESSAGE(unit.ok(), (unit.ok() ? "" : unit.error().full_message()));
    ++seen;
  }
  CHECK(seen >= 8);
}

}  // namespace orama::installers
