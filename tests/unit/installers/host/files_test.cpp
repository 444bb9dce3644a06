#include "installers/host/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/result.h"
#include "tests/support/temporary_folder.h"

namespace orama::tests {
namespace {

using installers::FileKind;
using installers::FileOwnership;
using installers::SystemFiles;

// Owner and group of this process, so that the tests need no root.
FileOwnership own(mode_t mode) {
  return {mode, std::to_string(::geteuid()), std::to_string(::getegid())};
}

TEST_CASE("files are written with owner and mode, and looked at without following links") {
  TemporaryFolder folder;
  SystemFiles files;
  const std::string path = folder.file("a");
  REQUIRE(files.write(path, "text", own(0640)).ok());
  const auto status = files.status(path);
  REQUIRE(status->has_value());
  CHECK((*status)->kind == FileKind::regular);
  CHECK((*status)->mode == 0640);
  CHECK(files.read(path).value() == "text");

  std::filesystem::create_symlink(path, folder.file("link"));
  CHECK(files.status(folder.file("link"))->value().kind == FileKind::symlink);
  CHECK(files.status(folder.file("link"))->value().link_target == path);
  CHECK_FALSE(files.status(folder.file("none"))->has_value());
  CHECK_FALSE(files.status(path + "/below")->has_value());
  CHECK(files.read(folder.file("none")).error().code == Errc::not_found);
  CHECK(files.write(path, "", {0644, "no-such-user", "root"}).error().message ==
        "there is no user named no-such-user on this host");
}

TEST_CASE("folders are made once, and set when they exist") {
  TemporaryFolder folder;
  SystemFiles files;
  const std::string path = folder.file("d");
  const mode_t mask = ::umask(077);
  REQUIRE(files.make_directory(path, own(0755)).ok());
  ::umask(mask);
  CHECK(files.status(path)->value().mode == 0755);
  REQUIRE(files.make_directory(path, own(0700)).ok());
  CHECK(files.status(path)->value().mode == 0700);
  CHECK(files.make_directory(path + "/x/y", own(0700)).error().code == Errc::not_found);

  REQUIRE(files.write(folder.file("f"), "", own(0644)).ok());
  CHECK(files.make_directory(folder.file("f"), own(0755)).error().code == Errc::conflict);
  std::filesystem::create_directory_symlink(path, folder.file("link"));
  CHECK(files.make_directory(folder.file("link"), own(0777)).error().code == Errc::conflict);
  CHECK(files.status(path)->value().mode == 0700);
}

TEST_CASE("removing what is not there is success, and a full folder is not removed") {
  TemporaryFolder folder;
  SystemFiles files;
  CHECK(files.remove_file(folder.file("none")).ok());
  CHECK(files.remove_directory(folder.file("none")).ok());
  REQUIRE(files.make_directory(folder.file("d"), own(0755)).ok());
  REQUIRE(files.write(folder.file("d/b"), "", own(0644)).ok());
  REQUIRE(files.write(folder.file("d/a"), "", own(0644)).ok());
  CHECK(files.remove_directory(folder.file("d")).error().code == Errc::conflict);
  CHECK(files.list(folder.file("d")).value() == std::vector<std::string>{"a", "b"});
  CHECK(files.list(folder.file("none")).error().code == Errc::not_found);
  REQUIRE(files.remove_file(folder.file("d/a")).ok());
  REQUIRE(files.remove_file(folder.file("d/b")).ok());
  CHECK(files.remove_directory(folder.file("d")).ok());
}

TEST_CASE("only orama's own folders are ever removed whole") {
  TemporaryFolder folder;
  SystemFiles files({folder.file("own")});
  for (const char* name : {"own", "other", "own-not"}) {
    REQUIRE(files.make_directory(folder.file(name), own(0755)).ok());
    REQUIRE(files.write(folder.file(std::string(name) + "/f"), "", own(0644)).ok());
  }
  for (const std::string& path :
       {folder.file("other"), folder.file("own-not"), folder.file("own/../other"),
        folder.file("own/.."), folder.path(), std::string("/"), std::string("")}) {
    CAPTURE(path);
    CHECK(files.remove_tree(path).error().code == Errc::not_allowed);
  }
  CHECK(files.read(folder.file("other/f")).ok());
  CHECK(files.remove_tree(folder.file("own")).ok());
  CHECK_FALSE(files.status(folder.file("own"))->has_value());
  CHECK(SystemFiles().remove_tree("/etc").error().code == Errc::not_allowed);
}

}  // namespace
}  // namespace orama::tests
