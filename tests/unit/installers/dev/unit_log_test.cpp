#include "installers/dev/unit_log.h"

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "common/atomic_file.h"
#include "tests/support/temporary_folder.h"

namespace orama::installers {
namespace {

void feed(UnitLog& log, std::string_view bytes) {
  REQUIRE(write(log.write_end(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  log.drain();
}

}  // namespace

TEST_CASE("what a process says is appended, and its last lines are told") {
  const tests::TemporaryFolder folder;
  UnitLog log(folder.file("a.log"));
  CHECK(log.tail(3).empty());
  REQUIRE(log.open().ok());
  feed(log, "one\ntwo\n");
  feed(log, "three\n");
  log.say("gone");
  CHECK(*read_file(folder.file("a.log")) == "one\ntwo\nthree\n-- gone\n");
  CHECK(log.tail(2) == "three\n-- gone\n");
  CHECK(log.tail(99) == "one\ntwo\nthree\n-- gone\n");
}

TEST_CASE("a full log is put aside once, and the new one begins") {
  const tests::TemporaryFolder folder;
  UnitLog log(folder.file("a.log"), 10);
  REQUIRE(log.open().ok());
  feed(log, "1234567890");  // at the limit
  CHECK(*read_file(folder.file("a.log")) == "1234567890");
  feed(log, "x");  // one past it
  CHECK(*read_file(folder.file("a.log")) == "x");
  CHECK(*read_file(folder.file("a.log.1")) == "1234567890");
  feed(log, "abcdefghij");
  CHECK(*read_file(folder.file("a.log")) == "abcdefghij");
  CHECK(*read_file(folder.file("a.log.1")) == "x");
}

}  // namespace orama::installers
